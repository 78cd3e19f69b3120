import type { Resource, ResourceChange, ResourceRepository } from '../operations/resource.ts';

const KIND = 'checks-upload';
const COLLECTION = 'uploads';
/** Records that are read at once. */
const PAGE_SIZE = 256;

/** Which file in the spool is of which operation: written with the operation, removed behind the file. */
export class UploadRecords {
  readonly #resources: ResourceRepository;

  constructor(resources: ResourceRepository) {
    this.#resources = resources;
  }

  /** What is written in the transaction that makes the operation. */
  creation(id: string, operation: string, now: number): ResourceChange {
    return {
      ...{ kind: KIND, name: id, revision: 0 },
      next: { collection: COLLECTION, value: Buffer.from(operation), createTimeMs: now },
    };
  }

  /** The operation of a file; undefined when it has none. */
  async operationOf(id: string): Promise<string | undefined> {
    const resource = await this.#resources.get(KIND, id);
    return resource === undefined ? undefined : Buffer.from(resource.value).toString();
  }

  /** Forgets a file that has gone; safe to repeat. */
  async remove(id: string): Promise<void> {
    const resource = await this.#resources.get(KIND, id);
    if (resource !== undefined) {
      await this.#resources.write([{ kind: KIND, name: id, revision: resource.revision }]);
    }
  }

  /** The ids of all files that are known, as many as there are at most. */
  async ids(countMax: number): Promise<readonly string[]> {
    const found: Resource[] = [];
    while (found.length < countMax) {
      const after = found.at(-1);
      const limit = Math.min(PAGE_SIZE, countMax - found.length);
      const query = { kind: KIND, collection: COLLECTION, limit, ...(after === undefined ? {} : { after }) };
      const page = await this.#resources.list(query);
      found.push(...page);
      if (page.length < limit) break;
    }
    return found.map(({ name }) => name);
  }
}
