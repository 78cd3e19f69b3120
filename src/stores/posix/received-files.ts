import type { StagingGroup } from '../../transfers/copier.ts';
import type { TransferLimits } from '../../transfers/limits.ts';
import { present } from '../../transfers/present.ts';
import type { CopyPool } from './copy-pool.ts';
import type { ReceivedBatch, ReceivedFile } from './receive-files.ts';

/**
 * The small objects of one group that have come, on their way to the threads that write them: requests go on while files are made,
 * and a slow disk holds up no answer.
 */
export class ReceivedFiles {
  readonly #pool: CopyPool;
  readonly #group: StagingGroup;
  readonly #limits: TransferLimits;
  readonly #writing: Promise<void>[] = [];
  #files: ReceivedFile[] = [];
  #contents: Uint8Array[] = [];
  #sizeBytes = 0;
  #isElsewhere = false;

  constructor(pool: CopyPool, group: StagingGroup, limits: TransferLimits) {
    this.#pool = pool;
    this.#group = group;
    this.#limits = limits;
  }

  /** Some are of another file system than the sink's root. */
  get isElsewhere(): boolean {
    return this.#isElsewhere;
  }

  add(file: Omit<ReceivedFile, 'offsetBytes' | 'sizeBytes'>, content: Uint8Array): void {
    const { receivedObjectCountMax, batchSizeBytesMax } = this.#limits;
    this.#files.push({ ...file, offsetBytes: this.#sizeBytes, sizeBytes: content.length });
    this.#contents.push(content);
    this.#sizeBytes += content.length;
    if (this.#files.length >= receivedObjectCountMax || this.#sizeBytes >= batchSizeBytesMax) this.#send();
  }

  /** Resolves when all have their states in the group; those that a stop came before stay as they are. */
  async end(): Promise<void> {
    this.#send();
    // Where one fails, what the others have done is to be known before anybody cleans up.
    await Promise.allSettled(this.#writing);
    await Promise.all(this.#writing);
  }

  #send(): void {
    if (this.#files.length === 0) return;
    const bytes = Buffer.allocUnsafeSlow(this.#sizeBytes);
    for (const [place, { offsetBytes }] of this.#files.entries())
      bytes.set(present(this.#contents[place]), offsetBytes);
    const batch = { stagingPrefix: this.#group.stagingPrefix, files: this.#files, bytes };
    this.#files = [];
    this.#contents = [];
    this.#sizeBytes = 0;
    const writing = this.#write(batch);
    // Whoever ends it is told.
    writing.catch(() => undefined);
    this.#writing.push(writing);
  }

  async #write(batch: ReceivedBatch): Promise<void> {
    const outcome = await this.#pool.run({ kind: 'receive', batch });
    if (outcome === undefined) return;
    const { states, failures } = this.#group;
    for (const [place, state] of outcome.states.entries()) states[present(batch.files[place]).index] = state;
    for (const { place, cause } of outcome.failures) failures.set(present(batch.files[place]).index, cause);
    this.#isElsewhere ||= outcome.isElsewhere;
  }
}
