import { Code, codeName } from '../../core/code.ts';
import { firstPage, wholeList, type Site } from '../ground.ts';
import { NEEDS, Unmet, type Need, type OperationSource, type FoundOperations } from '../operation-source.ts';
import { operationOf, type SeenOperation } from '../operations-probe.ts';
import type { Reply } from '../wire-channel.ts';

export interface GivenNames {
  /** Only looked at. */
  readonly operations: readonly string[];
  /** May be cancelled and deleted. */
  readonly expendable: readonly string[];
}

/** Operations that the server has already: those named by the caller, and those that its list shows. */
export class GivenSource implements OperationSource {
  readonly #site: Site;
  readonly #given: GivenNames;
  readonly #left: string[];

  constructor(site: Site, given: GivenNames) {
    this.#site = site;
    this.#given = given;
    this.#left = [...given.expendable];
  }

  async find(need: Need): Promise<FoundOperations> {
    if (need === 'listed') return this.#listed();
    const { operations, expendable } = this.#given;
    if (need === 'done') return [await this.#thatIs('done', [...operations, ...expendable])];
    if (need === 'spent') return [await this.#thatIs('done', expendable)];
    if (need === 'succeeded') return [await this.#thatIs('succeeded', [...operations, ...expendable])];
    if (need === 'cancelled') return [await this.#thatIs('cancelled', [...operations, ...expendable])];
    if (need === 'unfinished') return [await this.#thatIs('unfinished', [...operations, ...this.#left])];
    if (need === 'expendable') return [await this.#expendable()];
    throw new Unmet(`it takes ${NEEDS[need]}`);
  }

  complete(name: string): Promise<void> {
    throw new Error(`${name} was given: the suite cannot complete it`);
  }

  fail(name: string): Promise<void> {
    throw new Error(`${name} was given: the suite cannot fail it`);
  }

  /** Its own worker does. */
  confirmCancel(): Promise<void> {
    return Promise.resolve();
  }

  excluded(): Promise<Reply> {
    throw new Error('the suite knows of no work that excludes other work');
  }

  isCancelWanted(name: string): Promise<boolean> {
    throw new Error(`${name} was given: its owner is not the suite`);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #listed(): Promise<FoundOperations> {
    const { operations } = await firstPage(this.#site, wholeList(this.#site));
    const [first, ...others] = operations.map(({ name = '' }) => name);
    if (first === undefined || others.length < 2)
      throw new Unmet(`the list shows ${operations.length} operations, of 3`);
    return [first, ...others];
  }

  async #thatIs(kind: Kind, names: readonly string[]): Promise<string> {
    for (const name of names) {
      if (isOfKind(kind, await this.#seen(name))) return name;
    }
    throw new Unmet(`none of the names given is ${NEEDS[kind]}`);
  }

  async #expendable(): Promise<string> {
    for (let name = this.#left.shift(); name !== undefined; name = this.#left.shift()) {
      if (isOfKind('unfinished', await this.#seen(name))) return name;
    }
    throw new Unmet(`no --expendable is left that names ${NEEDS.expendable}`);
  }

  async #seen(name: string): Promise<SeenOperation> {
    const reply = await this.#site.probe.get(name);
    if (reply.code === Code.OK) return operationOf(reply);
    throw new Error(`Get of the given ${name} is ${codeName(reply.code)}: ${reply.message}`);
  }
}

type Kind = 'done' | 'unfinished' | 'succeeded' | 'cancelled';

function isOfKind(kind: Kind, { done = false, error, response }: SeenOperation): boolean {
  if (kind === 'unfinished') return !done;
  if (kind === 'succeeded') return done && response !== undefined;
  return done && (kind === 'done' || error?.code === Code.CANCELLED);
}
