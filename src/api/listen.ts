import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { formatAddress, type Address } from '../core/address.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/** unix(7): sun_path holds 108 bytes with the final zero; a longer path would be cut silently by some systems. */
const SOCKET_PATH_BYTES_MAX = 107;

/** Only this user: everyone who reaches the socket may do everything. */
const SOCKET_MODE = 0o600;

/**
 * Starts listening at an address, whatever the server.
 *
 * A Unix socket's file appears with mode 0600. One that a dead process left is replaced; one that a live process serves is not.
 * @param bind  starts the server; what it resolves to is passed on.
 * @throws StatusError UNAVAILABLE (reason ADDRESS_UNAVAILABLE) when the address cannot be had.
 */
export async function listenAt<Bound>(address: Address, bind: () => Promise<Bound>): Promise<Bound> {
  if (!('path' in address)) return bind().catch(unavailable(address));
  await clearSocketFile(address);
  // The file is made by bind(2) and would be open to others until chmod(2). 0o077 does no harm to what is made meanwhile.
  const umask = process.umask(0o077);
  try {
    const bound = await bind().catch(unavailable(address));
    chmodSync(address.path, SOCKET_MODE);
    return bound;
  } finally {
    process.umask(umask);
  }
}

async function clearSocketFile(address: { readonly path: string }): Promise<void> {
  const { path } = address;
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw inUse(address, `a socket's path has at most ${String(SOCKET_PATH_BYTES_MAX)} bytes`);
  }
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) return;
  if (!file.isSocket()) throw inUse(address, 'there is a file that is no socket');
  if (await isServed(path)) throw inUse(address, 'another process serves it');
  unlinkSync(path);
}

function isServed(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => {
    resolve(true);
  });
  // ECONNREFUSED: nobody listens. With anything else, such as EACCES, somebody may.
  socket.once('error', (error: NodeJS.ErrnoException) => {
    resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
  });
  return promise.finally(() => {
    socket.destroy();
  });
}

function unavailable(address: Address): (cause: unknown) => never {
  return (cause) => {
    throw inUse(address, whyNot(address, cause), cause);
  };
}

/** What system calls fail with, as what to do. grpc-js has the code only in its message. */
function whyNot(address: Address, cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes('EADDRINUSE')) return 'another process listens there; stop it, or choose another address';
  if (message.includes('EADDRNOTAVAIL')) return 'this machine has no such address';
  if (message.includes('ENOTFOUND') || message.startsWith('Name resolution failed')) return 'the host has no address';
  if (!message.includes('EACCES')) return message;
  return 'path' in address
    ? 'its directory is missing or may not be written'
    : 'this user may not listen there; choose a port above 1023';
}

function inUse(address: Address, why: string, cause?: unknown): StatusError {
  const text = formatAddress(address);
  return new StatusError(Code.UNAVAILABLE, `cannot listen at ${text}: ${why}`, {
    reason: 'ADDRESS_UNAVAILABLE',
    metadata: { address: text },
    cause,
  });
}
