import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { errnoOf, failureOf } from './errno.ts';

/** Calls of the system below one root: what they fail with is told by the path of the object. */
export class PosixCalls {
  readonly #path: string;
  readonly #tree: DirectoryTree;

  /** @param path  of the tree's root, for messages. */
  constructor(path: string, tree: DirectoryTree) {
    this.#path = path;
    this.#tree = tree;
  }

  /**
   * Calls of one kind for one object, in which descriptors of directories are kept; '' is the root itself.
   *
   * @param doing  a verb for messages.
   * @throws StatusError (reason POSIX_CALL_FAILED) for what the system fails with.
   */
  do<T>(key: ByteString, doing: string, act: () => T): T {
    // Descriptors of directories that were moved since the last call must not be used.
    if (doing !== 'read' && doing !== 'write') this.#tree.clear();
    try {
      return act();
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof Error && 'failure' in error)) throw error;
      const { code, detail } = failureOf(error, doing);
      throw this.error(key, code, detail, error);
    }
  }

  /** As `do`; what it throws rejects. */
  attempt<T>(key: ByteString, doing: string, act: () => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(this.do(key, doing, act));
    });
  }

  /** FAILED_PRECONDITION (reason OBJECT_CHANGED). */
  changed(key: ByteString): StatusError {
    const path = `${this.#path}/${displayText(key)}`;
    const message = `${path}: it is not the object that was expected any more`;
    return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'OBJECT_CHANGED', metadata: { path } });
  }

  error(key: ByteString, code: Code, detail: string, cause?: unknown): StatusError {
    const path = key === '' ? this.#path : `${this.#path}/${displayText(key)}`;
    return new StatusError(code, `${path}: ${detail}`, { reason: 'POSIX_CALL_FAILED', metadata: { path }, cause });
  }
}
