/** MD5 (RFC 1321): how Kinesis spreads partition keys. Not for anything that must be secret. */

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
// The RFC's table, 2^32 · |sin(step + 1)|: written out, for engines may differ in the last bit.
const SINES = new Uint32Array([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
]);

/** The 16 bytes of the MD5 of some bytes. */
export function md5(bytes: Uint8Array): Uint8Array {
  const padded = pad(bytes);
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let at = 0; at < padded.length; at += 64) {
    addBlock(state, new DataView(padded.buffer, at, 64));
  }
  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  state.forEach((word, place) => view.setUint32(place * 4, word, true));
  return digest;
}

/** The MD5 of a text's UTF-8 bytes as an unsigned 128-bit number. */
export function md5Number(text: string): bigint {
  let number = 0n;
  for (const byte of md5(new TextEncoder().encode(text))) number = (number << 8n) | BigInt(byte);
  return number;
}

function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = Math.ceil((bytes.length + 9) / 64) * 64;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 8, (bytes.length * 8) >>> 0, true);
  view.setUint32(length - 4, Math.floor(bytes.length / 0x2000_0000), true);
  return padded;
}

function addBlock(state: Uint32Array, block: DataView): void {
  let [a, b, c, d] = [...state] as [number, number, number, number];
  for (let step = 0; step < 64; step += 1) {
    const round = step >> 4;
    const mixed = mix(round, b, c, d);
    const word = block.getUint32(wordOf(round, step) * 4, true);
    const sum = (a + mixed + (SINES[step] as number) + word) | 0;
    const shift = SHIFTS[round * 4 + (step & 3)] as number;
    const turned = (sum << shift) | (sum >>> (32 - shift));
    [a, d, c, b] = [d, c, b, (b + turned) | 0];
  }
  [a, b, c, d].forEach((word, place) => {
    state[place] = ((state[place] as number) + word) | 0;
  });
}

function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  if (round === 2) return b ^ c ^ d;
  return c ^ (b | ~d);
}

function wordOf(round: number, step: number): number {
  if (round === 0) return step;
  if (round === 1) return (5 * step + 1) & 15;
  if (round === 2) return (3 * step + 5) & 15;
  return (7 * step) & 15;
}
