import { checkAny } from '../operations/control/check-any.ts';
import type { Operation, OwnerTerms } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';
import { GENERATE_SCAN_KIND, type ScanGenerationCodec } from './scan-generation.ts';
import { checkedScanRequest, type GenerateScanRequest } from './scan-rules.ts';

export interface ScanGenerationsOptions {
  readonly operations: Pick<Operations, 'create'>;
  readonly generations: Pick<ScanGenerationCodec, 'encode'>;
  /** Letters, digits and `-`; never the same twice. */
  readonly newId: () => string;
  readonly limits: {
    /** How its worker holds an operation. */
    readonly ownerTerms: OwnerTerms;
    /** Of what was found out and what else the caller says, bytes. */
    readonly scanRequestSizeMaxBytes: number;
    /** Sources of a request, and pieces of code. */
    readonly scanFindingCountMax: number;
  };
}

/** Takes what was found out about source trees, each for an operation that makes a scan of it. */
export class ScanGenerations {
  readonly #options: ScanGenerationsOptions;

  constructor(options: ScanGenerationsOptions) {
    this.#options = options;
  }

  /** @throws StatusError INVALID_ARGUMENT naming the field. */
  async start(given: GenerateScanRequest): Promise<Operation> {
    const { operations, generations, newId, limits } = this.#options;
    const request = checkedScanRequest(given, limits.scanFindingCountMax);
    const { parent } = request;
    const id = newId();
    const scan = `${parent}/scans/${id}`;
    const encoded = generations.encode({ request, scan });
    checkAny('cli_analysis', encoded, limits.scanRequestSizeMaxBytes);
    const { operation } = await operations.create({
      ...{ name: `${parent}/operations/${id}`, surface: 'checks', collection: parent },
      ...{ kind: GENERATE_SCAN_KIND, resource: scan, request: encoded, owner: limits.ownerTerms },
    });
    return operation;
  }
}
