import { connect, type Socket } from 'node:net';
import {
  FLAG,
  FRAME,
  FRAME_HEADER_BYTES,
  frame,
  headerBlock,
  PREFACE,
  SETTING,
  settingsFrame,
  WINDOW_BYTES_INITIAL,
  WINDOW_BYTES_MAX,
  windowUpdateFrame,
} from './frames.ts';

/** Called once: with the message's bytes, or with undefined when there is none, as the call failed. */
export type OnAnswer = (message: Buffer | undefined) => void;

/** A method to be called many times: what it sends before its message. */
export type WireMethod = Buffer;

interface Request {
  readonly method: WireMethod;
  readonly data: Buffer;
  readonly onAnswer: OnAnswer;
}

interface OpenStream {
  readonly onAnswer: OnAnswer;
  readonly parts: Buffer[];
}

/** A gRPC message begins with a byte that says whether it is compressed and its length in four. */
const MESSAGE_HEADER_BYTES = 5;

/** What was received is given back to the connection's window when it is this much. */
const TOP_UP_BYTES = 2 ** 28;

/**
 * One HTTP/2 connection for unary gRPC calls that costs the caller next to nothing.
 *
 * A grpc-js client needs more CPU for a call than the server that answers it: on a small machine it would be what is measured. This
 * one sends prepared bytes and of an answer reads only the frames' headers and the message. It knows whether a call succeeded, not
 * why it failed: whoever needs that repeats it with a real client.
 */
export class WireConnection {
  readonly #socket: Socket;
  readonly #authority: string;
  readonly #streams = new Map<number, OpenStream>();
  /** Beyond what the server's limits let be sent now. */
  readonly #queue: Request[] = [];
  #nextStream = 1;
  #sendWindowBytes = WINDOW_BYTES_INITIAL;
  #streamCountMax = Infinity;
  #receivedBytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  private constructor(socket: Socket, authority: string) {
    this.#socket = socket;
    this.#authority = authority;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      socket.cork();
      this.#receive(bytes);
      socket.uncork();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    socket.write(PREFACE);
    socket.write(
      settingsFrame([
        [SETTING.ENABLE_PUSH, 0],
        [SETTING.INITIAL_WINDOW_SIZE, WINDOW_BYTES_MAX],
        [SETTING.MAX_FRAME_SIZE, 2 ** 24 - 1],
      ]),
    );
    socket.write(windowUpdateFrame(0, WINDOW_BYTES_MAX - WINDOW_BYTES_INITIAL));
  }

  /** @param address  `HOST:PORT`. */
  static async open(address: string): Promise<WireConnection> {
    const [host = '', port = ''] = address.split(':');
    const socket = connect({ host, port: Number(port) });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new WireConnection(socket, address);
  }

  /** @param path  such as `/google.longrunning.Operations/GetOperation`. */
  method(path: string): WireMethod {
    return headerBlock([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', this.#authority],
      ['te', 'trailers'],
      ['content-type', 'application/grpc'],
      ['user-agent', 'longrunning-bench'],
    ]);
  }

  /** @param message  the encoded request. */
  call(method: WireMethod, message: Uint8Array, onAnswer: OnAnswer): void {
    if (this.#failure !== undefined) throw this.#failure;
    const data = Buffer.alloc(MESSAGE_HEADER_BYTES + message.length);
    data.writeUInt32BE(message.length, 1);
    data.set(message, MESSAGE_HEADER_BYTES);
    const request: Request = { method, data, onAnswer };
    if (this.#queue.length === 0 && this.#fits(request)) this.#send(request);
    else this.#queue.push(request);
  }

  /** As call, for one that must succeed. */
  async answerOf(path: string, message: Uint8Array): Promise<Buffer> {
    const answer = await new Promise<Buffer | undefined>((resolve) => {
      this.call(this.method(path), message, resolve);
    });
    if (answer === undefined) throw new Error(`${path} failed`);
    return answer;
  }

  close(): void {
    this.#failure ??= new Error('the connection is closed');
    this.#socket.destroy();
  }

  #fits({ data }: Request): boolean {
    return data.length <= this.#sendWindowBytes && this.#streams.size < this.#streamCountMax;
  }

  #send({ method, data, onAnswer }: Request): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#sendWindowBytes -= data.length;
    this.#streams.set(stream, { onAnswer, parts: [] });
    this.#socket.write(frame(FRAME.HEADERS, FLAG.END_HEADERS, stream, method));
    this.#socket.write(frame(FRAME.DATA, FLAG.END_STREAM, stream, data));
  }

  #sendQueued(): void {
    for (let next = this.#queue[0]; next !== undefined && this.#fits(next); next = this.#queue[0]) {
      this.#queue.shift();
      this.#send(next);
    }
  }

  #receive(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let position = 0;
    while (all.length - position >= FRAME_HEADER_BYTES) {
      const end = position + FRAME_HEADER_BYTES + all.readUIntBE(position, 3);
      if (end > all.length) break;
      const stream = all.readUInt32BE(position + 5) & 0x7fff_ffff;
      const payload = all.subarray(position + FRAME_HEADER_BYTES, end);
      this.#take(all[position + 3] ?? 0, all[position + 4] ?? 0, stream, payload);
      position = end;
    }
    this.#rest = all.subarray(position);
    this.#topUp();
    this.#sendQueued();
  }

  #take(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case FRAME.DATA:
        if ((flags & FLAG.PADDED) !== 0) throw new Error('the server pads its frames, which this client cannot read');
        this.#streams.get(stream)?.parts.push(payload);
        this.#receivedBytes += payload.length;
        break;
      case FRAME.SETTINGS:
        if ((flags & FLAG.ACK) === 0) this.#takeSettings(payload);
        break;
      case FRAME.PING:
        if ((flags & FLAG.ACK) === 0) this.#socket.write(frame(FRAME.PING, FLAG.ACK, 0, payload));
        break;
      case FRAME.WINDOW_UPDATE:
        if (stream === 0) this.#sendWindowBytes += payload.readUInt32BE();
        break;
      case FRAME.RST_STREAM:
        this.#end(stream);
        break;
      case FRAME.GOAWAY:
        this.#fail(new Error('the server sent GOAWAY'));
        break;
    }
    if ((type === FRAME.HEADERS || type === FRAME.DATA) && (flags & FLAG.END_STREAM) !== 0) this.#end(stream);
  }

  #takeSettings(payload: Buffer): void {
    for (let position = 0; position < payload.length; position += 6) {
      const value = payload.readUInt32BE(position + 2);
      if (payload.readUInt16BE(position) === SETTING.MAX_CONCURRENT_STREAMS) this.#streamCountMax = value;
    }
    this.#socket.write(frame(FRAME.SETTINGS, FLAG.ACK, 0));
  }

  #end(stream: number): void {
    const open = this.#streams.get(stream);
    if (open === undefined) return;
    this.#streams.delete(stream);
    open.onAnswer(messageOf(open.parts));
  }

  #topUp(): void {
    if (this.#receivedBytes < TOP_UP_BYTES) return;
    this.#socket.write(windowUpdateFrame(0, this.#receivedBytes));
    this.#receivedBytes = 0;
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#socket.destroy();
    const unanswered = [...this.#streams.values(), ...this.#queue.splice(0)];
    this.#streams.clear();
    for (const { onAnswer } of unanswered) onAnswer(undefined);
  }
}

/** An answer that failed has no DATA. */
function messageOf(parts: readonly Buffer[]): Buffer | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  const data = parts.length === 1 ? first : Buffer.concat(parts);
  const lengthBytes = data.readUInt32BE(1);
  if (data.length !== MESSAGE_HEADER_BYTES + lengthBytes) return undefined;
  return data.subarray(MESSAGE_HEADER_BYTES);
}
