import { randomBytes } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import {
  credentialsKeyOf,
  KEY_BYTES,
  newCredentialsKey,
  type CredentialsKey,
  type CredentialsKeys,
} from './credentials-keys.ts';

/** 32 bytes in base64url. */
const KEY_LINE = /^[\w-]{43}$/;
/** Keys that are read of a file: one in use, and those of years of rotation. */
const KEY_COUNT_MAX = 100;

const HEADER = [
  '# Credentials that were given in requests are sealed with the first of these keys (32 bytes in base64url), and opened with any.',
  '# Keep a copy apart from those of the database: without it they must be given anew. To change the key, put a new one before it.',
];

/**
 * Keys in a file: one a line, the first seals, all open. Lines that begin with # say something to people.
 *
 * It is read anew each time, so that a new key counts at once. It is made on first use, whole or not at all, for its owner only;
 * several processes may do so at once, and all get the same.
 */
export class FileCredentialsKeys implements CredentialsKeys {
  readonly place: string;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    // The path is nobody's business but the operator's.
    this.place = basename(path);
  }

  async current(): Promise<CredentialsKey> {
    const [first] = await this.all();
    if (first !== undefined) return first;
    await this.#using(() => this.#make());
    const [made] = await this.all();
    if (made === undefined) throw this.#unusable('it was removed as soon as it was made');
    return made;
  }

  async all(): Promise<readonly CredentialsKey[]> {
    const text = await this.#using(() => this.#read());
    if (text === undefined) return [];
    const lines = text.split('\n').map((line) => line.trim());
    const keys = lines.flatMap((line, index) => {
      if (line === '' || line.startsWith('#')) return [];
      const key = Buffer.from(line, 'base64url');
      if (KEY_LINE.test(line) && key.length === KEY_BYTES) return [credentialsKeyOf(key)];
      throw this.#unusable(`line ${String(index + 1)} is no key of 32 bytes in base64url`);
    });
    if (keys.length === 0) throw this.#unusable('it holds no key; restore it, or remove it to have one made');
    if (keys.length > KEY_COUNT_MAX) throw this.#unusable(`it holds more than ${String(KEY_COUNT_MAX)} keys`);
    return keys;
  }

  async #read(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Nobody sees a part of it: it gets its name when it is whole and on the disk. */
  async #make(): Promise<void> {
    const draft = `${this.#path}.${randomBytes(8).toString('hex')}`;
    const text = [...HEADER, newCredentialsKey().key.toString('base64url'), ''].join('\n');
    try {
      await writeDurably(draft, text);
      await link(draft, this.#path).catch((error: unknown) => {
        // Another process was first: its key is the one.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
      await syncDirectory(dirname(this.#path));
    } finally {
      await unlink(draft).catch(() => undefined);
    }
  }

  async #using<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (cause) {
      if (cause instanceof StatusError) throw cause;
      throw this.#unusable((cause as NodeJS.ErrnoException).code ?? 'unknown', cause);
    }
  }

  #unusable(why: string, cause?: unknown): StatusError {
    const message = `the key file ${this.place} of this server cannot be used: ${why}; see its setting credentials-key`;
    return new StatusError(Code.FAILED_PRECONDITION, message, {
      reason: 'CREDENTIALS_KEY_UNUSABLE',
      metadata: { file: this.place },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
