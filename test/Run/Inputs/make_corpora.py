"""Text as people have it: compressed, in other encodings, as JSON, in one line; and a SentencePiece model without bytes."""
import gzip, json, pathlib, struct, sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
body = 'the quick brown fox jumps over the lazy dog. ' * 100
text = 'caf\u00e9 \U0001f600 ' * 50


def write(name, data):
    (folder / name).write_bytes(data)


write('plain.txt', body.encode())
write('packed.txt.gz', gzip.compress(body.encode()))
write('packed.txt', gzip.compress(body.encode()))
write('packed.jsonl.gz', gzip.compress(b'{"text": "one"}\n\n{"text": "two"}\n'))
write('cut.txt.gz', gzip.compress(body.encode())[:40])
write('tar.gz', gzip.compress(b'\0' * 257 + b'ustar' + b'\0' * 300))
for encoding in ('utf-16-le', 'utf-16-be', 'utf-32-le', 'utf-32-be', 'utf-8'):
    write(encoding + '.txt', ('\ufeff' + text).encode(encoding))
write('unmarked.txt', text.encode('utf-16-le'))
write('latin.txt', ('caf\u00e9 ' * 50).encode('latin-1'))
for name in ('lines.jsonl', 'lines.ndjson', 'lines.json', 'lines.JSONL'):
    write(name, b'{"text": "one"}\n{"text": "two"}\n')
write('list.json', json.dumps([{'text': 'one'}, {'text': 'two'}], indent=1).encode())
write('object.json', json.dumps({'text': 'onetwo'}, indent=1).encode())
write('package.json', json.dumps({'name': 'x'}).encode())
write('content.jsonl', b'{"content": "one", "id": 1}\n')
write('table.parquet', b'PAR1' + b'\0' * 100)
write('picture.png', b'\x89PNG\r\n\x1a\n' + b'\0' * 100)
write('lost.txt', 'def f\n  go \U0001f600\n'.encode() * 100)
write('long.txt', ' '.join(f'word{i % 97}' for i in range(40000)).encode())


def field(number, value):
    def varint(n):
        out = b''
        while n > 127:
            out += bytes([n & 127 | 128])
            n >>= 7
        return out + bytes([n])
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack('<f', value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def piece(text, score, kind):
    return field(1, field(1, text.encode()) + field(2, score) + field(3, kind))


pieces = [('<unk>', 0.0, 2), ('<s>', 0.0, 3), ('</s>', 0.0, 3)]
pieces += [(c, -float(i), 1) for i, c in enumerate('\u2581abcdefghijklmnopqrstuvwxyz')]
trainer = field(3, 2) + field(4, len(pieces)) + field(40, 0) + field(41, 1) + field(42, 2)
normalizer = field(1, b'identity') + field(3, 0) + field(4, 0) + field(5, 1)
write('plain.model', b''.join(piece(*p) for p in pieces) + field(2, trainer) + field(3, normalizer))
