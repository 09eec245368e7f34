"""Runs the two models of a proof on random weights, in f64, and holds the verdict against the difference of the logits.

  tritter-opt X.mlir --tritter-elaborate --tritter-verify-growth | evaluate.py

Where the verdict is exact, parameters are stored as f32, and the logits (still computed in f64) must be equal all the
same: that is what the word claims beyond equality over the reals. Where it is rounding, storing them as f32 may change
the logits by what the verdict says of each operation, times a number of operations.

Written apart from the proof, on purpose: it knows what operations compute, not what they preserve. Exits 1 where a
growth that is said to be preserved changes the logits, or one that is said not to be leaves them alone.
"""
import math
import random
import re
import struct
import sys

VALUE = re.compile(r"%[\w.$#]+")
SHAPE = re.compile(r"tensor<((?:[\d?]+x)*)\w+>")


def shapes(text):
    return [[None if d == "?" else int(d) for d in m.group(1).split("x")[:-1]] for m in SHAPE.finditer(text)]


def parse(text):
    """Graphs by name: (kind, arguments, [(results, op, rest of the line, derivation lines)], attributes)."""
    graphs, graph, region = {}, None, None
    for line in text.splitlines():
        line = line.strip()
        start = re.match(r"tritter\.(block|model) @([\w.]+)\(([^)]*)\)(.*)", line)
        if start:
            graph = (start[1], VALUE.findall(start[3]), [], start[4])
            graphs[start[2]] = graph
        elif graph is None:
            continue
        elif line == "}":
            if region is None:
                graph = None
            region = None
        else:
            op = re.match(r"(?:(%[^=]*) = )?([\w.]+)(.*)", line)
            entry = (VALUE.findall(op[1] or ""), op[2], op[3], [])
            if region is not None:
                region.append(entry)
                continue
            graph[2].append(entry)
            if line.endswith("derives {"):
                region = entry[3]
    return graphs


def coefficient(text):
    sign = -1.0 if text.startswith("-") else 1.0
    text = text.lstrip("-")
    value = 1.0
    for factor in text.split("*"):
        root = re.fullmatch(r"sqrt\((.*)\)", factor)
        above, _, below = (root[1] if root else factor).partition("/")
        number = float(above) / float(below or 1)
        value *= math.sqrt(number) if root else number
    return sign * value


def along(value, axis, rows):
    """Makes a new axis of rows, each of them a list of (old coordinate, coefficient)."""
    if axis:
        return [along(part, axis - 1, rows) for part in value]

    def combine(terms):
        if isinstance(value[0], list):
            return [sum(c * value[i][j] for i, c in terms) for j in range(len(value[0]))]
        return sum(c * value[i] for i, c in terms)

    return [combine(terms) for terms in rows]


def runs(text, size):
    rows = []
    for part in text.split(","):
        m = re.match(r"\s*(\d+) (zero|mean|from (\d+)(?: step (-?\d+))?)(?: times (.*))?$", part)
        factor = coefficient(m[5].strip()) if m[5] else 1.0
        for j in range(int(m[1])):
            if m[2] == "zero":
                rows.append([])
            elif m[2] == "mean":
                rows.append([(i, factor / size) for i in range(size)])
            else:
                rows.append([(int(m[3]) + j * int(m[4] or 1), factor)])
    return rows


def filled(shape, make):
    return [filled(shape[1:], make) for _ in range(shape[0])] if shape else make()


def stored(value):
    return [stored(part) for part in value] if isinstance(value, list) else struct.unpack("f", struct.pack("f", value))[0]


class Weights:
    """The base's parameters, drawn when first read; the same for both models."""

    def __init__(self, seed):
        self.seed, self.values = seed, {}

    def draw(self, name, shape, mean=0.0, deviation=0.7):
        key = (name, tuple(shape))
        if key not in self.values:
            source = random.Random(f"{self.seed} {name}")
            self.values[key] = stored(filled(shape, lambda: source.gauss(mean, deviation)))
        return self.values[key]

    def base(self, path, shape):
        return self.draw(path, shape, 1.0, 0.3) if "norm" in path and path.endswith("weight") else self.draw(path, shape)


def derive(lines, path, origin, weights):
    env = {}
    for results, op, rest, _ in lines:
        op = op.split(".")[1]
        shape = shapes(rest)[-1]
        first = env.get((VALUE.findall(rest) or [""])[0])
        size = shape[int(m[1])] if (m := re.search(r"along (\d+)", rest)) else None
        axis = int(m[1]) if m else None
        if op == "yield":
            return first
        if op == "source":
            name = re.search(r'"([^"]*)"', rest)[1]
            value = weights.base(f"{origin}.{name}" if origin else name, shape)
        elif op == "zero":
            value = filled(shape, lambda: 0.0)
        elif op == "constant":
            text = rest.split()[0]
            number = -math.inf if text == "0xFFF0000000000000" else float(text)
            value = filled(shape, lambda: number)
        elif op == "normal":
            m = re.match(r"\s*(\S+) seed (\d+)(?: stream (\d+))?", rest)
            value = weights.draw(f"draw {path} {m[2]} {m[3]}", shape)
        elif op == "gather":
            value = along(first, axis, runs(re.search(r"by <(.*)> :", rest)[1], size))
        elif op == "scale":
            factor = coefficient(re.search(r"by <(.*)> :", rest)[1])
            rows = [[(i, factor)] for i in range(shape[0])]
            value = along(first, 0, rows)
        elif op == "pad":
            rows = [[(i, 1.0)] if i < size else [] for i in range(int(re.search(r"to (\d+)", rest)[1]))]
            value = along(first, axis, rows)
        elif op == "tile":
            times = int(re.search(r"times (\d+)", rest)[1])
            value = along(first, axis, [[(i % size, 1.0)] for i in range(size * times)])
        elif op == "add":
            parts = [env[v] for v in VALUE.findall(rest)]
            plus = lambda xs: [plus(list(x)) for x in zip(*xs)] if isinstance(xs[0], list) else sum(xs)
            value = plus(parts)
        else:
            raise SystemExit(f"evaluate.py does not know growth.{op}")
        env[results[0]] = value
    raise SystemExit("a derivation without an end")


ACTIVATIONS = {
    "silu": lambda x: x / (1 + math.exp(-x)),
    "gelu": lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
    "relu": lambda x: max(x, 0.0),
    "squared_relu": lambda x: max(x, 0.0) ** 2,
}


def linear(x, weight, bias):
    out = [sum(a * b for a, b in zip(row, x)) for row in weight]
    return [a + b for a, b in zip(out, bias)] if bias else out


def attend(query, key, value, scale):
    heads, groups = len(query[0]), len(key[0])
    out = []
    for t, q in enumerate(query):
        out.append([])
        for h in range(heads):
            g = h // (heads // groups)
            scores = [scale * sum(a * b for a, b in zip(q[h], key[s][g])) for s in range(t + 1)]
            top = max(scores)
            shares = [math.exp(s - top) for s in scores]
            total = sum(shares)
            out[-1].append(
                [sum(shares[s] / total * value[s][g][d] for s in range(t + 1)) for d in range(len(q[h]))]
            )
    return out


def rowwise(f, value):
    return [rowwise(f, part) for part in value] if isinstance(value[0], list) else f(value)


def normalise(op, x, eps, weight, bias=None):
    mean = sum(x) / len(x) if op == "layer_norm" else 0.0
    root = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + eps)
    out = [g * (v - mean) / root for g, v in zip(weight, x)]
    return [a + b for a, b in zip(out, bias)] if bias else out


class Runner:
    def __init__(self, graphs, weights, store):
        self.graphs, self.weights, self.store = graphs, weights, store

    def run(self, name, arguments, path="", origin="", model=""):
        kind, names, body, _ = self.graphs[name]
        env = dict(zip(names, arguments))
        whole = (path + ".") if path else ""
        for results, op, rest, region in body:
            op = op.split(".")[1]
            args = [env[v] for v in VALUE.findall(rest) if v in env]
            number = lambda key: float(m[1]) if (m := re.search(key + r" = (\S+)", rest)) else None
            if op == "yield":
                return args[0]
            if op == "param":
                local = re.search(r'"([^"]*)"', rest)[1]
                shape = shapes(rest)[0]
                if region:
                    value = self.store(derive(region, whole + local, origin, self.weights))
                elif model == "base":
                    value = self.weights.base(whole + local, shape)
                else:
                    value = self.weights.draw(f"fresh {whole}{local}", shape)
            elif op == "layer":
                m = re.match(r'\s*"([^"]*)" @([\w.]+)\(', rest)
                source = re.search(r'from "([^"]*)"', rest)
                value = self.run(m[2], args, m[1], source[1] if source else "", model)
            elif op == "embedding":
                value = [args[1][token] for token in args[0]]
            elif op == "position_embedding":
                value = [[a + b for a, b in zip(x, args[1][t])] for t, x in enumerate(args[0])]
            elif op == "linear":
                value = [linear(x, args[1], args[2] if len(args) > 2 else None) for x in args[0]]
            elif op in ("rms_norm", "layer_norm"):
                value = rowwise(lambda x: normalise(op, x, number("eps"), *args[1:3]), args[0])
            elif op == "split_heads":
                size = shapes(rest)[1][3]
                value = [[x[i : i + size] for i in range(0, len(x), size)] for x in args[0]]
            elif op == "merge_heads":
                value = [[v for head in x for v in head] for x in args[0]]
            elif op == "rope":
                theta, value = number("theta"), []
                for t, x in enumerate(args[0]):
                    value.append([])
                    for head in x:
                        half = len(head) // 2
                        angle = [t * theta ** (-2 * c / len(head)) for c in range(half)]
                        low = [head[c] * math.cos(a) - head[c + half] * math.sin(a) for c, a in enumerate(angle)]
                        high = [head[c + half] * math.cos(a) + head[c] * math.sin(a) for c, a in enumerate(angle)]
                        value[-1].append(low + high)
            elif op == "attention":
                value = attend(*args[:3], number("scale") or 1 / math.sqrt(len(args[0][0][0])))
            elif op == "activation":
                f = ACTIVATIONS[rest.split()[0]]
                value = [[f(v) for v in x] for x in args[0]]
            elif op in ("add", "mul"):
                value = [[a + b if op == "add" else a * b for a, b in zip(x, y)] for x, y in zip(*args[:2])]
            else:
                raise SystemExit(f"evaluate.py does not know tritter.{op}")
            env[results[0]] = value
        raise SystemExit("a graph without an end")


def difference(graphs, store):
    """The largest difference of the logits of @base and @grown, relative to the largest logit."""
    worst = 0.0
    for seed in range(3):
        weights = Weights(seed)
        runner = Runner(graphs, weights, store)
        vocabulary = next(shapes(rest)[0][0] for _, _, rest, _ in graphs["base"][2] if '"embed.weight"' in rest)
        tokens = random.Random(seed).sample(range(vocabulary), 5)
        base, grown = runner.run("base", [tokens], model="base"), runner.run("grown", [tokens], model="grown")
        size = max(abs(v) for x in base for v in x) + 1e-300
        for x, y in zip(base, grown):
            if any(v != -math.inf for v in y[len(x) :]):
                worst = math.inf
            worst = max([worst] + [abs(a - b) / size for a, b in zip(x, y)])
    return worst


def main():
    graphs = parse(sys.stdin.read())
    attributes = graphs["grown"][3]
    proof = re.search(r'#growth\.proof<"?([\w-]+).*?>(?=[,}])', attributes)
    if not proof:
        raise SystemExit("evaluate.py: the grown model has no proof")
    worst = difference(graphs, stored if proof[1] == "exact" else lambda value: value)
    print(f"{proof[0]}\nthe logits differ by {worst:.3g}")
    if within := re.search(r"within = (\S+?)>", proof[0]):
        # The models here have some twenty operations, of which each may enlarge what it is given a little.
        most, rounded = 100 * float(within[1]), difference(graphs, stored)
        print(f"and, their weights stored as f32, by {rounded:.3g}")
        if rounded > most:
            raise SystemExit(f"evaluate.py: {proof[0]}, but the logits differ by {rounded:.3g}")
    preserved = proof[1] != "not-preserved"
    if preserved != (worst < 1e-10) or (not preserved and worst < 1e-6):
        raise SystemExit(f"evaluate.py: the proof says {proof[1]}, but the logits differ by {worst:.3g}")


main()
