import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { BlockConnection } from '../../../src/stores/web/block-connection.ts';
import { DEFAULT_WEB_LIMITS } from '../../../src/stores/web/limits.ts';

const LIMITS = { ...DEFAULT_WEB_LIMITS, blockSizeBytes: 8, blockCount: 2, overflowSizeBytes: 8 };

/** Hands bytes to whoever reads it, as net.Socket does with `onread`, and notes what it is told. */
class HandedSocket extends EventEmitter {
  isReading = true;
  isDestroyed = false;
  readonly timeouts: number[] = [];
  readonly #connection: BlockConnection;
  #memory: Uint8Array;

  constructor(connection: BlockConnection) {
    super();
    this.#connection = connection;
    this.#memory = connection.reader.buffer();
    connection.attach(this as unknown as Socket);
  }

  /** @returns how many bytes it took, each piece as long as there was room; like TLS it does not stop in between. */
  hand(text: string): void {
    for (let bytes = Buffer.from(text); bytes.length > 0;) {
      const countBytes = Math.min(bytes.length, this.#memory.length);
      expect(countBytes).toBeGreaterThan(0);
      this.#memory.set(bytes.subarray(0, countBytes));
      this.isReading = this.#connection.reader.callback(countBytes, this.#memory);
      this.#memory = this.#connection.reader.buffer();
      bytes = bytes.subarray(countBytes);
    }
  }

  write(): boolean {
    return true;
  }

  setTimeout(ms: number): void {
    this.timeouts.push(ms);
  }

  resume(): void {
    this.isReading = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

async function asked(bodySizeBytes: number): Promise<{ connection: BlockConnection; socket: HandedSocket }> {
  const connection = new BlockConnection(LIMITS, () => undefined);
  const socket = new HandedSocket(connection);
  const head = connection.request('GET / HTTP/1.1\r\n\r\n', 1000);
  socket.hand(`HTTP/1.1 200 OK\r\ncontent-length: ${bodySizeBytes}\r\n\r\n`);
  await head;
  return { connection, socket };
}

async function rest(connection: BlockConnection): Promise<string> {
  let text = '';
  for (let block = await connection.next(); block !== undefined; block = await connection.next()) text += String(block);
  return text;
}

test('with all blocks full nothing more is read, until one is released', async () => {
  const { connection, socket } = await asked(24);
  socket.hand('0123456789abcdef');
  expect(socket.isReading).toBe(false);
  expect(String(await connection.next())).toBe('01234567');
  expect(socket.isReading).toBe(false);
  expect(String(await connection.next())).toBe('89abcdef');
  expect(socket.isReading).toBe(true);
  socket.hand('ABCDEFGH');
  expect(await rest(connection)).toBe('ABCDEFGH');
});

test('what comes all the same is kept, and overwrites nothing', async () => {
  const { connection, socket } = await asked(40);
  socket.hand('0123456789abcdefABCDEFGHIJ');
  const first = await connection.next();
  socket.hand('KLMNOPQRSTUVWX');
  expect(String(first)).toBe('01234567');
  expect(await rest(connection)).toBe('89abcdefABCDEFGHIJKLMNOPQRSTUVWX');
  expect(connection.isReusable).toBe(true);
});

test('a silence that its own reader is the reason for ends nothing; any other does', async () => {
  const { connection, socket } = await asked(40);
  socket.hand('0123456789abcdef');
  socket.emit('timeout');
  expect(socket.isDestroyed).toBe(false);
  await connection.next();
  await connection.next();
  expect(socket.timeouts.at(-1)).toBe(LIMITS.stallTimeoutMs);
  socket.emit('timeout');
  expect(socket.isDestroyed).toBe(true);
  await expect(connection.next()).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});

test('an answer that was not taken whole leaves nothing to be used again', async () => {
  const { connection, socket } = await asked(8);
  socket.hand('01234567');
  expect(connection.isReusable).toBe(false);
  await connection.next();
  expect(connection.isReusable).toBe(true);
});
