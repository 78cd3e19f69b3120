import { Unmet, type Need, type OperationSource, type FoundOperations } from '../operation-source.ts';
import type { Reply } from '../wire-channel.ts';

/** Of several sources the first that has what is needed. */
export class FirstSource implements OperationSource {
  readonly #sources: readonly OperationSource[];
  readonly #origins = new Map<string, OperationSource>();
  #parallel: OperationSource | undefined;

  constructor(sources: readonly OperationSource[]) {
    this.#sources = sources;
  }

  async find(need: Need): Promise<FoundOperations> {
    const reasons = new Set<string>();
    for (const source of this.#sources) {
      try {
        const found = await source.find(need);
        for (const name of found) this.#origins.set(name, source);
        if (need === 'parallel') this.#parallel = source;
        return found;
      } catch (error) {
        if (!(error instanceof Unmet)) throw error;
        reasons.add(error.message);
      }
    }
    throw new Unmet([...reasons].join('; '));
  }

  complete(name: string): Promise<void> {
    return this.#originOf(name).complete(name);
  }

  fail(name: string, error: { readonly code: number; readonly message: string }): Promise<void> {
    return this.#originOf(name).fail(name, error);
  }

  confirmCancel(name: string): Promise<void> {
    return this.#originOf(name).confirmCancel(name);
  }

  excluded(): Promise<Reply> {
    if (this.#parallel === undefined) throw new Error('find parallel work first');
    return this.#parallel.excluded();
  }

  isCancelWanted(name: string): Promise<boolean> {
    return this.#originOf(name).isCancelWanted(name);
  }

  async close(): Promise<void> {
    for (const source of this.#sources) await source.close();
  }

  #originOf(name: string): OperationSource {
    const source = this.#origins.get(name);
    if (source === undefined) throw new Error(`${name} was found by no source`);
    return source;
  }
}
