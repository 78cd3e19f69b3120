import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, codeName } from '../../core/code.ts';
import { untilDone, type Site } from '../ground.ts';
import { NEEDS, Unmet, type Need, type OperationSource, type FoundOperations } from '../operation-source.ts';
import { operationOf } from '../operations-probe.ts';
import type { Reply } from '../wire-channel.ts';
import { TransferCalls, transferStatusOf } from './transfer-calls.ts';

/** Enough work that a pause comes before its end. */
const FILE_COUNT = 1500;
/** Pauses that may come too late before it is given up. */
const PAUSE_TRY_COUNT = 5;

interface Run {
  readonly job: string;
  readonly name: string;
}

/**
 * Makes operations by transfers between directories that it makes itself. One that is to be unfinished is paused: then it stays so, and
 * a cancel or a resume ends it.
 */
export class TransferSource implements OperationSource {
  readonly #site: Site;
  readonly #calls: TransferCalls;
  readonly #parent: string;
  /** Operations that were made, with their jobs. */
  readonly #jobs = new Map<string, string>();
  readonly #kept = new Map<Need, FoundOperations>();
  #directory: string | undefined;
  #jobOfDone: string | undefined;
  #sinkCount = 0;

  /** @param parent  an existing directory that the server's transfers may touch. */
  constructor(site: Site, parent: string, projectId: string) {
    this.#site = site;
    this.#calls = new TransferCalls(site.probe, projectId);
    this.#parent = parent;
  }

  async find(need: Need): Promise<FoundOperations> {
    if (need === 'control') throw new Unmet(`it takes ${NEEDS.control}`);
    if (need === 'expendable' || need === 'completable') return [(await this.#paused()).name];
    const found = this.#kept.get(need) ?? (await this.#first(need));
    this.#kept.set(need, found);
    return found;
  }

  async complete(name: string): Promise<void> {
    const reply = await this.#calls.resume(name);
    if (reply.code !== Code.OK) throw new Error(`resuming ${name} is ${codeName(reply.code)}: ${reply.message}`);
    await this.#end(name);
  }

  fail(name: string): Promise<void> {
    throw new Error(`${name} is carried out by the server: the suite cannot fail it`);
  }

  /** The server's own workers do. */
  confirmCancel(): Promise<void> {
    return Promise.resolve();
  }

  async excluded(): Promise<Reply> {
    const [name = ''] = this.#kept.get('parallel') ?? [];
    return this.#calls.run(this.#jobs.get(name) ?? '');
  }

  isCancelWanted(name: string): Promise<boolean> {
    throw new Error(`${name} is carried out by the server: its owner is not the suite`);
  }

  async close(): Promise<void> {
    for (const [name, job] of this.#jobs) {
      await this.#site.probe.cancel(name);
      await untilDone(this.#site, name);
      await this.#calls.deleteJob(job);
    }
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }

  async #first(need: Need): Promise<FoundOperations> {
    if (need === 'done' || need === 'succeeded' || need === 'spent')
      return [await this.#finished(await this.#doneJob())];
    if (need === 'cancelled') {
      const { name } = await this.#paused();
      await this.#site.probe.cancel(name);
      await this.#end(name);
      return [name];
    }
    if (need === 'made' || need === 'listed') {
      const job = await this.#doneJob();
      return [await this.#finished(job), await this.#finished(job), await this.#finished(job)];
    }
    return [(await this.#paused()).name];
  }

  async #finished(job: string): Promise<string> {
    const { name } = await this.#started(job);
    await this.#end(name);
    return name;
  }

  async #end(name: string): Promise<void> {
    const reply = await untilDone(this.#site, name);
    if (operationOf(reply).done !== true) throw new Error(`${name} is not done in the time for it`);
  }

  /** A run that is paused, and stays unfinished. */
  async #paused(): Promise<Run> {
    for (let tryCount = 0; tryCount < PAUSE_TRY_COUNT; tryCount += 1) {
      const run = await this.#started(await this.#newJob());
      const { code } = await this.#calls.pause(run.name);
      if (code === Code.OK && (await this.#isPaused(run.name))) return run;
    }
    throw new Unmet(`${PAUSE_TRY_COUNT} transfers ended before they could be paused`);
  }

  async #isPaused(name: string): Promise<boolean> {
    const { clock, limits, probe } = this.#site;
    const endMs = clock.monotonic() + limits.endTimeoutMs;
    while (clock.monotonic() < endMs) {
      const reply = await probe.get(name);
      if (operationOf(reply).done === true) return false;
      if (transferStatusOf(reply) === 'PAUSED') return true;
      await clock.sleep(limits.pollEveryMs);
    }
    return false;
  }

  async #started(job: string): Promise<Run> {
    const name = await this.#calls.started(job);
    this.#jobs.set(name, job);
    return { job, name };
  }

  /** The job of all runs that are to end by themselves: only the first has something to copy. */
  async #doneJob(): Promise<string> {
    this.#jobOfDone ??= await this.#newJob();
    return this.#jobOfDone;
  }

  async #newJob(): Promise<string> {
    this.#directory ??= await withFiles(this.#parent);
    this.#sinkCount += 1;
    const sink = join(this.#directory, `sink-${this.#sinkCount}`);
    await mkdir(sink);
    return this.#calls.createJob({ source: join(this.#directory, 'source'), sink });
  }
}

/** A new directory with many small files. */
async function withFiles(parent: string): Promise<string> {
  const directory = await mkdtemp(join(parent, 'conformance-'));
  const source = join(directory, 'source');
  await mkdir(source);
  for (let number = 0; number < FILE_COUNT; number += 1) await writeFile(join(source, `file-${number}`), 'conformance');
  return directory;
}
