import type { ThreadTaskContext } from '../operations/task.ts';
import { NO_ACTIVITY_LOG, type ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import type { TransferCheckpoint } from './checkpoint.ts';
import { GroupRunner, type GroupRunnerOptions } from './group-runner.ts';
import { initialGroupSize, nextGroupSize } from './group-sizer.ts';
import { LargeObjectRunner } from './large-object-runner.ts';
import { newPlanner } from './new-planner.ts';
import { atUrl, fatalError } from './object-failure.ts';
import { objectsFailure } from './objects-failure.ts';
import { openListing } from './open-listing.ts';
import type { PlannedGroup } from './planned-group.ts';
import { hasAttributes } from './posix-metadata.ts';
import type { Planner } from './planner.ts';
import type { TransferProgress } from './progress.ts';
import { recoverAttempt } from './recover-attempt.ts';
import type { Recovery } from './recovery.ts';
import type { Manifest } from './selection/manifest.ts';
import { keyRangesOf } from './selection/object-conditions.ts';
import { settleStop } from './settle-stop.ts';
import { encodeStagedKeysEntry } from './staged-keys-entry.ts';
import { StagingNames } from './staging-name.ts';
import type { TransferRequest } from './spec.ts';
import { TransferControl } from './transfer-control.ts';
import type { TransferEnds, TransferEnvironment } from './transfer-environment.ts';
import { TransferLedger } from './transfer-ledger.ts';
import { objectUrl, TransferTally } from './transfer-tally.ts';

export type TransferContext = ThreadTaskContext<TransferCheckpoint, TransferProgress>;

/**
 * One attempt at a transfer, from wherever the last one stopped.
 *
 * Resolves with `done` when every object is at the sink, or with `suspended`: everything that was in flight is committed, and the
 * staging of large objects is kept for the next attempt. Rejects with `signal.reason` after an interrupt, when all I/O has
 * stopped, no staging is left and the counters say what the sink holds; with a StatusError when the transfer as a whole failed,
 * or when all went well but for some objects (reason TRANSFER_OBJECTS_FAILED). After `shutdown` and `lease-lost` it leaves
 * everything as it is: the next attempt, or the janitor, goes by the journal.
 */
export async function runTransfer(
  request: TransferRequest,
  context: TransferContext,
  environment: TransferEnvironment,
): Promise<'done' | 'suspended'> {
  context.signal.throwIfAborted();
  const names = new StagingNames(request.operationName, context.fence);
  const ownEntryIds = new Set<string>();
  const { word, signal, journal } = context;
  const announce = async (sinkRoot: ByteString, keys: readonly ByteString[]): Promise<void> => {
    const id = names.next().entryId;
    ownEntryIds.add(id);
    await journal.begin({ id, value: encodeStagedKeysEntry({ sinkRoot, keys }) });
  };
  const ends = await environment.open(request.spec, { word, signal, announce });
  const onAbort = (): void => {
    ends.copier.stop();
  };
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  const log = environment.openLog?.(request, ends) ?? NO_ACTIVITY_LOG;
  try {
    return await new TransferRun({ request, context, environment, ends, log, names, ownEntryIds }).run();
  } finally {
    context.signal.removeEventListener('abort', onAbort);
    log.close();
    await ends.close();
  }
}

interface TransferRunOptions {
  readonly request: TransferRequest;
  readonly context: TransferContext;
  readonly environment: TransferEnvironment;
  readonly ends: TransferEnds;
  readonly log: ActivityLog;
  readonly names: StagingNames;
  /** See RecoveryOptions. */
  readonly ownEntryIds: ReadonlySet<string>;
}

class TransferRun {
  readonly #request: TransferRequest;
  readonly #context: TransferContext;
  readonly #environment: TransferEnvironment;
  readonly #ends: TransferEnds;
  readonly #log: ActivityLog;
  readonly #control: TransferControl;
  readonly #ledger: TransferLedger;
  readonly #groups: GroupRunner;
  readonly #large: LargeObjectRunner;
  readonly #ownEntryIds: ReadonlySet<string>;

  constructor({ request, context, environment, ends, log, names, ownEntryIds }: TransferRunOptions) {
    this.#ownEntryIds = ownEntryIds;
    this.#request = request;
    this.#log = log;
    // A manifest names objects, and no directory.
    this.#areDirectoriesCopied = !hasAttributes(request.spec.metadata) || request.spec.manifest !== undefined;
    this.#context = context;
    this.#environment = environment;
    this.#ends = ends;
    this.#control = new TransferControl(context, () => {
      ends.copier.stop();
    });
    this.#ledger = new TransferLedger(context, environment.limits.failureSampleCountMax);
    const options: GroupRunnerOptions = {
      journal: context.journal,
      copier: ends.copier,
      ledger: this.#ledger,
      control: this.#control,
      limits: environment.limits,
      sourceUrl: ends.sourceUrl,
      sinkUrl: ends.sinkUrl,
      sinkRoot: ends.sinkRoot,
      deletes: request.spec.deletes,
      log,
      names,
    };
    this.#groups = new GroupRunner(options);
    this.#large = new LargeObjectRunner(options);
  }

  async run(): Promise<'done' | 'suspended'> {
    await this.#runToStop().catch((error: unknown) => {
      this.#control.fail(error);
    });
    const { fatal } = this.#control;
    const kind = await this.#control.interruptKind();
    // Somebody else goes on from the journal: leave what it says.
    if (kind === 'lease-lost' || kind === 'shutdown') throw this.#context.signal.reason;
    if (fatal !== undefined) throw await this.#failed(atUrl(fatal.error, this.#ends));
    if (kind !== undefined) throw await this.#interrupted();
    if (this.#control.isDraining && !this.#isComplete) {
      await this.#ledger.save();
      return 'suspended';
    }
    await this.#ledger.commit(this.#ledger.advanceToEnd());
    const failure = objectsFailure(this.#ledger.tally);
    if (failure !== undefined) throw failure;
    return 'done';
  }

  #isWalkComplete = false;
  /** True from the start where nothing of them is to be copied. */
  #areDirectoriesCopied: boolean;

  get #isComplete(): boolean {
    return this.#areObjectsCopied && this.#areDirectoriesCopied;
  }

  get #areObjectsCopied(): boolean {
    return this.#isWalkComplete && this.#ledger.pending.length === 0;
  }

  async #runToStop(): Promise<void> {
    const recovery = await recoverAttempt({
      request: this.#request,
      context: this.#context,
      environment: this.#environment,
      ends: this.#ends,
      ledger: this.#ledger,
      large: this.#large,
      log: this.#log,
      ownEntryIds: this.#ownEntryIds,
    });
    let manifest: Manifest | undefined;
    try {
      manifest = await this.#openManifest();
      if (manifest !== undefined || this.#request.spec.manifest === undefined)
        await this.#copyListed(recovery, manifest);
    } finally {
      await this.#large.drain();
      await manifest?.close();
    }
    if (this.#areObjectsCopied && !this.#isComplete && !this.#control.isDraining) await this.#copyDirectories();
  }

  /** Anew in each attempt: what is behind the cursor is asked for by what it says then. undefined, too, when the run is to stop. */
  async #openManifest(): Promise<Manifest | undefined> {
    const { manifest, conditions } = this.#request.spec;
    if (manifest === undefined) return undefined;
    if (this.#environment.openManifest === undefined) throw new TypeError('this environment reads no manifests');
    const { cursor } = this.#ledger;
    const ranges = keyRangesOf(conditions);
    return this.#environment.openManifest(manifest, this.#ends, {
      signal: this.#context.signal,
      // "ObjectConditions still apply."
      isSelected: (key) => (cursor === undefined || key > cursor) && (ranges?.has(key) ?? true),
      isWanted: () => !this.#control.isDraining,
    });
  }

  async #copyListed(recovery: Recovery, manifest: Manifest | undefined): Promise<void> {
    const of = {
      ends: this.#ends,
      spec: this.#request.spec,
      startAfter: this.#ledger.cursor,
      signal: this.#context.signal,
      manifest,
      limits: this.#environment.limits,
    };
    const source = openListing('source', of);
    const sink = openListing('sink', of);
    try {
      await this.#copyAll(
        newPlanner({
          ...of,
          request: this.#request,
          source,
          sink,
          recovery,
          cursor: this.#ledger.cursor,
          log: this.#log,
          isStopped: () => this.#control.isDraining,
        }),
      );
    } finally {
      await Promise.all([source.close(), sink.close()]);
    }
  }

  /** An attempt that is stopped within it counts none of its failures: the next one begins it anew. */
  async #copyDirectories(): Promise<void> {
    const { copier, sourceUrl } = this.#ends;
    const failed = new TransferTally(this.#environment.limits.failureSampleCountMax);
    await copier.copyDirectories((key, cause) => {
      if (cause.fatal !== undefined) this.#control.fail(fatalError(cause));
      failed.sample(cause.code, { url: objectUrl(sourceUrl, key), details: [cause.detail] });
    }, keyRangesOf(this.#request.spec.conditions));
    if (this.#control.isDraining) return;
    this.#ledger.tally.addAll(failed);
    this.#areDirectoriesCopied = true;
  }

  async #copyAll(planner: Planner): Promise<void> {
    const { limits } = this.#environment;
    const inFlight: Promise<unknown>[] = [];
    let size = initialGroupSize(limits);
    try {
      for (;;) {
        await this.#large.waitBelow(limits.pendingCountMax);
        if (inFlight.length >= limits.groupsInFlightMax) await inFlight.shift();
        const group = await planner.next(size);
        if (group === undefined || this.#control.isStopped) break;
        const begunMs = performance.now();
        inFlight.push(
          this.#begin(group).then(() => {
            size = nextGroupSize(size, performance.now() - begunMs, limits);
          }),
        );
      }
    } finally {
      await Promise.all(inFlight);
    }
    this.#isWalkComplete = !this.#control.isDraining;
    if (this.#isWalkComplete) this.#ledger.listed();
  }

  #begin(group: PlannedGroup): Promise<boolean> {
    const { specialCount } = group;
    if (specialCount > 0) this.#environment.observe?.({ kind: 'special-files-skipped', count: specialCount });
    const large = group.large.map((object) => this.#large.plan(object));
    const committed = this.#groups.run(group, large);
    for (const object of large) this.#large.add(object, committed);
    return committed;
  }

  /** Settles what the interrupt cut short, and answers its reason. */
  async #interrupted(): Promise<unknown> {
    const shown = await this.#settleStop();
    const open = await this.#context.journal.open();
    await this.#ledger.end(
      open.map(({ id }) => id),
      shown.progress(),
    );
    return this.#context.signal.reason;
  }

  /** The next attempt, if there is one, starts from the settled state and finds the rest in the journal. */
  async #failed(error: unknown): Promise<unknown> {
    const shown = await this.#settleStop();
    // When even this cannot be written, the error that came first is still the one to tell.
    await this.#ledger.save(shown.progress()).catch(() => undefined);
    return error;
  }

  /** Removes all staging; what clients are to be shown. */
  #settleStop(): Promise<TransferTally> {
    return settleStop({
      ends: this.#ends,
      environment: this.#environment,
      ledger: this.#ledger,
      groups: this.#groups,
      large: this.#large,
      log: this.#log,
    });
  }
}
