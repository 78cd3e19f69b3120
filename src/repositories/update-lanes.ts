import type { Change, SideWrites } from '../operations/operation-repository.ts';
import type { Operation } from '../operations/operation.ts';
import { ownSideWrites } from './byte-ownership.ts';
import { queueFull, type PendingWrite, type Room, type WriteSource } from './group-commit.ts';
import type { RecordCache } from './record-cache.ts';
import type { Decoded } from './operation-row.ts';
import { UpdateLane, type LaneContext } from './update-lane.ts';

/** Records that one read asks for: some 3 ms of the database's thread. */
const LOAD_NAMES_MAX = 500;

export interface LanesOptions extends LaneContext {
  readonly cache: RecordCache;
  /** Reads committed records; `take` gets them before any later reply of the database is handed on. */
  load(names: readonly string[], take: (decoded: Decoded) => void): Promise<void>;
  /** Asks for a commit. */
  wake(): void;
  /** Updates that may wait, over all operations. */
  readonly queuedWritesMax: number;
}

/** Every operation that is being updated has a lane of its own; a record that is not at hand is read first. */
export class UpdateLanes implements WriteSource {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, UpdateLane>();
  /** Lanes with a known record and something to do. */
  readonly #ready = new Set<UpdateLane>();
  /** Known records of lanes that are at work, so that the cache may forget them; undefined: there is none. */
  readonly #records = new Map<UpdateLane, Operation | undefined>();
  readonly #inFlight = new Set<UpdateLane>();
  readonly #toLoad: UpdateLane[] = [];
  #waiting = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  get hasWork(): boolean {
    return this.#ready.size > 0;
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** Queues an update behind those of the same operation. */
  update(name: string, change: Change, also?: SideWrites): Promise<Operation> {
    if (this.#waiting >= this.#options.queuedWritesMax) return Promise.reject(queueFull());
    return new Promise((resolve, reject) => {
      this.#waiting++;
      const lane = this.#laneOf(name);
      lane.add({
        change,
        ...(also === undefined ? {} : { also: ownSideWrites(also) }),
        resolve: (operation) => {
          this.#waiting--;
          resolve(operation);
        },
        reject: (error) => {
          this.#waiting--;
          reject(error);
        },
      });
      if (!lane.inFlight && this.#records.has(lane)) this.#setReady(lane);
    });
  }

  collect(room: Room): readonly PendingWrite[] {
    const writes: PendingWrite[] = [];
    let bytes = 0;
    for (const lane of this.#ready) {
      if (writes.length >= room.writes || bytes >= room.bytes) break;
      this.#ready.delete(lane);
      const more = lane.compute(this.#records.get(lane), {
        writes: room.writes - writes.length,
        bytes: room.bytes - bytes,
      });
      writes.push(...more);
      for (const write of more) bytes += write.bytes;
      if (more.length === 0) this.#settle(lane);
      else this.#inFlight.add(lane);
    }
    return writes;
  }

  finish(): void {
    const lanes = [...this.#inFlight];
    this.#inFlight.clear();
    for (const lane of lanes) this.#settle(lane);
  }

  /** The record was removed, or became this one, by another write than an update. */
  changed(name: string, record: Operation | undefined): void {
    const lane = this.#lanes.get(name);
    if (lane !== undefined && !lane.inFlight && this.#records.has(lane)) this.#records.set(lane, record);
  }

  #laneOf(name: string): UpdateLane {
    const found = this.#lanes.get(name);
    if (found !== undefined) return found;
    const lane = new UpdateLane(name, this.#options);
    this.#lanes.set(name, lane);
    this.#learnRecord(lane);
    return lane;
  }

  #settle(lane: UpdateLane): void {
    const record = lane.settle(this.#records.get(lane));
    if (record === 'unknown') {
      this.#records.delete(lane);
      this.#options.cache.delete(lane.name);
    } else this.#records.set(lane, record);
    if (lane.waiting === 0) this.#drop(lane);
    else if (record === 'unknown') this.#learnRecord(lane);
    else this.#setReady(lane);
  }

  #learnRecord(lane: UpdateLane): void {
    const cached = this.#options.cache.get(lane.name);
    if (cached !== undefined) {
      this.#records.set(lane, cached);
      return;
    }
    this.#toLoad.push(lane);
    if (this.#toLoad.length === 1) queueMicrotask(() => void this.#load());
  }

  async #load(): Promise<void> {
    const lanes = this.#toLoad.splice(0, LOAD_NAMES_MAX);
    if (this.#toLoad.length > 0) queueMicrotask(() => void this.#load());
    const names = lanes.map(({ name }) => name);
    try {
      await this.#options.load(names, (decoded) => {
        this.#loaded(lanes, decoded);
      });
    } catch (error) {
      for (const lane of lanes) {
        lane.rejectAll(error);
        this.#drop(lane);
      }
    }
    this.#options.wake();
  }

  #loaded(lanes: readonly UpdateLane[], { records, damaged }: Decoded): void {
    const byName = new Map(records.map((record) => [record.name, record]));
    for (const lane of lanes) {
      const error = damaged.get(lane.name);
      if (error !== undefined) {
        lane.rejectAll(error);
        this.#drop(lane);
        continue;
      }
      this.#records.set(lane, byName.get(lane.name));
      this.#setReady(lane);
    }
  }

  #setReady(lane: UpdateLane): void {
    this.#ready.add(lane);
    this.#options.wake();
  }

  #drop(lane: UpdateLane): void {
    this.#lanes.delete(lane.name);
    this.#records.delete(lane);
    this.#ready.delete(lane);
  }
}
