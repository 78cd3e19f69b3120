import { randomUUID } from 'node:crypto';
import { nextTurn } from '../../src/core/next-turn.ts';
import type { Message } from '../../src/schema/protos.ts';
import { encodeMessage } from '../../src/schema/protos.ts';
import { typeUrl } from '../../src/core/any.ts';
import { CHECKS_TYPES } from '../../src/checks/checks-message.ts';
import { DEFAULT_CHECKS_LIMITS, type ChecksLimits } from '../../src/checks/limits.ts';
import { PublishedResources } from '../../src/checks/published-resources.ts';
import { responsePublisher } from '../../src/checks/response-publisher.ts';
import { GENERATE_SCAN_KIND } from '../../src/checks/scan-generation.ts';
import { ScanGenerations } from '../../src/checks/scan-generations.ts';
import { ANALYZE_UPLOAD_KIND } from '../../src/checks/upload-analysis.ts';
import { DEFAULT_OPERATIONS_LIMITS } from '../../src/operations/limits.ts';
import { PageTokens } from '../../src/operations/page-token.ts';
import { checksCodec, scanGenerationCodec, uploadAnalysisCodec } from '../../src/schema/checks-codec.ts';
import { protoMessageTypes } from '../../src/schema/message-types.ts';
import { ControlHarness, type Reply } from '../api/control-harness.ts';

export const APP = 'accounts/1/apps/2';
export const REPO = 'accounts/1/repos/2';
const OWNER_TERMS = { leaseDurationMs: 30_000, cancelGraceMs: 10_000, abandonAfterMs: 60_000 };
const REPORT = CHECKS_TYPES.report.typeName;

/** The Checks API over a database in memory and a fake clock, with OperationControl for its workers. */
export class ChecksHarness {
  readonly control = new ControlHarness();
  readonly published: PublishedResources;
  readonly scans: ScanGenerations;
  readonly limits: ChecksLimits;
  #scanCount = 0;

  constructor(limits: Partial<ChecksLimits> = {}) {
    this.limits = { ...DEFAULT_CHECKS_LIMITS, ...limits };
    const { memory, clock, publishers } = this.control;
    this.published = new PublishedResources({
      resources: memory.resources,
      codec: checksCodec,
      pageTokens: new PageTokens(new Uint8Array(32), 1_000_000),
      types: protoMessageTypes,
      filterLimits: DEFAULT_OPERATIONS_LIMITS,
      limits: this.limits,
      clock,
      nextTurn,
    });
    const { report, repoScan } = CHECKS_TYPES;
    const parts = { codec: checksCodec, retentionMs: this.limits.reportRetentionMs };
    const ofUploads = { type: report, requests: uploadAnalysisCodec };
    const ofScans = { type: repoScan, requests: scanGenerationCodec };
    publishers.set(ANALYZE_UPLOAD_KIND, responsePublisher({ ...parts, ...ofUploads }));
    publishers.set(GENERATE_SCAN_KIND, responsePublisher({ ...parts, ...ofScans }));
    const { scanRequestSizeMaxBytes, scanFindingCountMax } = this.limits;
    this.scans = new ScanGenerations({
      operations: this.control.operations,
      generations: scanGenerationCodec,
      newId: () => `s${String((this.#scanCount += 1))}`,
      limits: { ownerTerms: OWNER_TERMS, scanRequestSizeMaxBytes, scanFindingCountMax },
    });
  }

  /** An operation that an upload has made, and the name of its report. */
  async uploaded(): Promise<{ readonly name: string; readonly report: string }> {
    const id = randomUUID();
    const [name, report] = [`${APP}/operations/${id}`, `${APP}/reports/${id}`];
    const file = { uri: 'file:///nowhere', sizeBytes: 1, sha256: new Uint8Array(32) };
    const description = { codeReferenceId: '', appBinaryFileType: 'ANDROID_APK', fileName: '', contentType: '' };
    await this.control.operations.create({
      ...{ name, surface: 'checks', collection: APP, kind: ANALYZE_UPLOAD_KIND },
      request: uploadAnalysisCodec.encode({ parent: APP, report, file, ...description }),
      owner: OWNER_TERMS,
    });
    return { name, report };
  }

  /** Ends an operation as its worker does, with this report, or what else it is. */
  async complete(name: string, message: Message, typeName: string = REPORT): Promise<Reply> {
    const { lease } = await this.control.call('AcquireOperation', { name });
    return this.completeAgain(name, (lease as { readonly fence: string }).fence, message, typeName);
  }

  completeAgain(name: string, fence: string, message: Message, typeName: string = REPORT): Promise<Reply> {
    const response = { type_url: typeUrl(typeName), value: encodeMessage(typeName, message) };
    return this.control.call('CompleteOperation', { name, fence, response });
  }

  /** A report that was published. @returns its name. */
  async publish(report: Message = {}): Promise<string> {
    const uploaded = await this.uploaded();
    await this.complete(uploaded.name, { ...report, name: uploaded.report });
    await this.control.clock.advance(1);
    return uploaded.report;
  }
}
