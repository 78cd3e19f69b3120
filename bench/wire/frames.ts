/** HTTP/2 frames, RFC 9113 §4 and §6: as much of them as a client of unary gRPC calls needs. */

export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
} as const;

export const FLAG = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8 } as const;

export const SETTING = {
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
} as const;

/** Bytes before each frame's payload. */
export const FRAME_HEADER_BYTES = 9;

/** What a connection begins with, RFC 9113 §3.4. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** The largest window there is, RFC 9113 §6.9.1. */
export const WINDOW_BYTES_MAX = 2 ** 31 - 1;

/** The window a connection and, unless its settings say otherwise, each stream begins with. */
export const WINDOW_BYTES_INITIAL = 65_535;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6);
  settings.forEach(([id, value], position) => {
    payload.writeUInt16BE(id, position * 6);
    payload.writeUInt32BE(value, position * 6 + 2);
  });
  return frame(FRAME.SETTINGS, 0, 0, payload);
}

export function windowUpdateFrame(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(FRAME.WINDOW_UPDATE, 0, stream, payload);
}

/**
 * Header fields as HPACK literals without indexing and without Huffman coding (RFC 7541 §6.2.2): no state is kept, so that a block
 * is made once and sent any number of times.
 */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), hpackString(name), hpackString(value)]));
}

function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  // RFC 7541 §5.1: 127 and more take further bytes, seven bits each; 254 is the most that takes one.
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  if (bytes.length < 127 + 128) return Buffer.concat([Buffer.of(127, bytes.length - 127), bytes]);
  throw new Error(`${text} is too long for a header of the benchmark`);
}
