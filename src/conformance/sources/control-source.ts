import { Code, codeName } from '../../core/code.ts';
import { decodeMessage } from '../../schema/protos.ts';
import type { Site } from '../ground.ts';
import { Unmet, type Need, type OperationSource, type FoundOperations } from '../operation-source.ts';
import type { Reply } from '../wire-channel.ts';
import { ControlCalls, createdOf, type CreateQuestion } from './control-calls.ts';

/** Two creates a clock's step apart have an order that everybody can see. */
const STEP_MS = 5;

/** Makes operations with longrunning.control.v1.OperationControl, and does their owner's part. */
export class ControlSource implements OperationSource {
  readonly #site: Site;
  readonly #calls: ControlCalls;
  /** Names that were made, with the fence of those that are held. */
  readonly #made = new Map<string, string>();
  /** What several cases may look at. */
  readonly #kept = new Map<Need, FoundOperations>();
  #exclusiveKey = '';

  constructor(site: Site) {
    this.#site = site;
    this.#calls = new ControlCalls(site.probe, site.collection);
  }

  async find(need: Need): Promise<FoundOperations> {
    if (need === 'expendable' || need === 'completable') return [await this.#make({ isHeld: true })];
    const found = this.#kept.get(need) ?? (await this.#first(need));
    this.#kept.set(need, found);
    return found;
  }

  async complete(name: string): Promise<void> {
    accepted(await this.#calls.complete(name, this.#fence(name)), 'CompleteOperation');
  }

  async fail(name: string, error: { readonly code: number; readonly message: string }): Promise<void> {
    accepted(await this.#calls.fail({ name, fence: this.#fence(name), error }), 'FailOperation');
  }

  async confirmCancel(name: string): Promise<void> {
    accepted(await this.#calls.confirmCancel(name, this.#fence(name)), 'CompleteOperation');
  }

  excluded(): Promise<Reply> {
    return this.#calls.create({ exclusiveKey: this.#exclusiveKey });
  }

  async isCancelWanted(name: string): Promise<boolean> {
    const reply = accepted(await this.#calls.update(name, this.#fence(name)), 'UpdateOperation');
    return decodeMessage('longrunning.control.v1.UpdateOperationResponse', reply.bytes)['cancel'] !== undefined;
  }

  /** Ends and deletes what was made; what is done or deleted already says so, and that is fine. */
  async close(): Promise<void> {
    for (const [name, fence] of this.#made) {
      if (fence === '') await this.#site.probe.cancel(name);
      else await this.#calls.complete(name, fence);
      await this.#site.probe.delete(name);
    }
  }

  async #first(need: Need): Promise<FoundOperations> {
    if (need === 'done' || need === 'succeeded' || need === 'spent') {
      const name = await this.#make({ isHeld: true });
      await this.complete(name);
      return [name];
    }
    if (need === 'cancelled') {
      const name = await this.#make({ isHeld: true });
      await this.#site.probe.cancel(name);
      await this.confirmCancel(name);
      return [name];
    }
    if (need === 'made' || need === 'listed') return this.#three();
    if (need === 'parallel') {
      this.#exclusiveKey = `conformance-${crypto.randomUUID()}`;
      return [await this.#make({ exclusiveKey: this.#exclusiveKey })];
    }
    return [await this.#make({ isHeld: true })];
  }

  async #three(): Promise<FoundOperations> {
    const oldest = await this.#make({});
    const later: string[] = [];
    while (later.length < 2) {
      await this.#site.clock.sleep(STEP_MS);
      later.push(await this.#make({}));
    }
    return [oldest, ...later];
  }

  async #make(question: CreateQuestion): Promise<string> {
    const reply = await this.#calls.create(question);
    if (reply.code === Code.UNIMPLEMENTED) throw new Unmet('the server does not serve OperationControl');
    // Such as a surface whose operations another API makes.
    if (reply.code === Code.FAILED_PRECONDITION) throw new Unmet(reply.message);
    const { operation, lease } = createdOf(accepted(reply, 'CreateOperation'));
    const name = operation?.name ?? '';
    this.#made.set(name, lease?.fence ?? '');
    return name;
  }

  #fence(name: string): string {
    return this.#made.get(name) ?? '';
  }
}

/** @throws Error when the server does not do what the suite needs for its cases. */
function accepted(reply: Reply, rpc: string): Reply {
  if (reply.code === Code.OK) return reply;
  throw new Error(`${rpc} is ${codeName(reply.code)}: ${reply.message}`);
}
