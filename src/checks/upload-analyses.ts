import type { Clock } from '../core/clock.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { CreateOperation } from '../operations/create.ts';
import type { Operation, OwnerTerms } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';
import type { ResourceChange, ResourceRepository } from '../operations/resource.ts';
import { CHECKS_TYPES, type ChecksCodec } from './checks-message.ts';
import { parentOf } from './checks-names.ts';
import { ANALYZE_UPLOAD_KIND, type UploadAnalysisCodec } from './upload-analysis.ts';
import type { UploadJanitor } from './upload-janitor.ts';
import type { UploadRecords } from './upload-records.ts';
import { checkedUpload, type AnalyzeUploadRequest, type UploadHeader } from './upload-rules.ts';
import type { UploadSpool } from './upload-spool.ts';

/** A file as it is read from its caller. */
export interface IncomingUpload extends UploadHeader {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What it has at least; left out where that is not known. */
  readonly announcedBytes?: number;
}

export interface UploadAnalysesOptions {
  /** Undefined where this process has no place for uploads. */
  readonly spool: UploadSpool | undefined;
  readonly janitor: Pick<UploadJanitor, 'holding'>;
  readonly records: Pick<UploadRecords, 'creation'>;
  readonly operations: Pick<Operations, 'create'>;
  readonly resources: Pick<ResourceRepository, 'get'>;
  readonly codec: Pick<ChecksCodec, 'encode'>;
  readonly analyses: Pick<UploadAnalysisCodec, 'encode'>;
  /** Letters, digits and `-`; never the same twice. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly limits: {
    /** How its worker holds an operation. */
    readonly ownerTerms: OwnerTerms;
    readonly appCountMax: number;
  };
}

/** Takes uploads: a file, durably, and then the operation that looks into it. */
export class UploadAnalyses {
  readonly #options: UploadAnalysesOptions;

  constructor(options: UploadAnalysesOptions) {
    this.#options = options;
  }

  /**
   * Receives the file and makes its operation. With it the app comes to be, when this is its first upload.
   *
   * A caller that leaves before the file is whole leaves nothing behind; one that leaves later may have made an operation.
   * @throws StatusError INVALID_ARGUMENT naming the field; FAILED_PRECONDITION (reason UPLOADS_OFF); RESOURCE_EXHAUSTED for an account with
   *   as many apps as it may have (COLLECTION_FULL); as UploadSpool.receive.
   */
  async start(request: AnalyzeUploadRequest, upload: IncomingUpload, signal: AbortSignal): Promise<Operation> {
    const { spool, janitor, newId } = this.#options;
    const { parent, ...description } = checkedUpload(request, upload);
    if (spool === undefined) throw uploadsOff();
    const id = newId();
    return janitor.holding(id, async () => {
      const file = await spool.receive(id, upload.chunks, signal, upload.announcedBytes);
      const report = `${parent}/reports/${id}`;
      const name = `${parent}/operations/${id}`;
      return this.#create(id, {
        ...{ name, surface: 'checks', collection: parent, kind: ANALYZE_UPLOAD_KIND, resource: report },
        request: this.#options.analyses.encode({ parent, report, file, ...description }),
        owner: this.#options.limits.ownerTerms,
      });
    });
  }

  /** Once more when another upload has made the app at the same moment. */
  async #create(id: string, input: CreateOperation): Promise<Operation> {
    for (let isRetry = false; ; isRetry = true) {
      try {
        const resources = [this.#options.records.creation(id, input.name, this.#now()), ...(await this.#newApp(input))];
        return (await this.#options.operations.create(input, { resources })).operation;
      } catch (error) {
        if (isRetry || !(error instanceof StatusError) || error.code !== Code.ALREADY_EXISTS) throw error;
      }
    }
  }

  async #newApp({ collection: name }: CreateOperation): Promise<readonly ResourceChange[]> {
    const { resources, codec, limits } = this.#options;
    const { kind, typeName } = CHECKS_TYPES.app;
    if ((await resources.get(kind, name)) !== undefined) return [];
    const value = codec.encode(typeName, { name, title: name.slice(name.lastIndexOf('/') + 1) });
    const next = { collection: parentOf(name), value, createTimeMs: this.#now() };
    return [{ kind, name, revision: 0, next, collectionCountMax: limits.appCountMax }];
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function uploadsOff(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    'this server has no place for uploads; start it with --uploads DIRECTORY',
    { reason: 'UPLOADS_OFF' },
  );
}
