/** Wires the Checks API: what is read, how files are taken, and how reports are published. */
import { randomUUID } from 'node:crypto';
import { checksMethods, checksUploads } from './api/checks.ts';
import type { Method, UploadMethod } from './api/method.ts';
import { CHECKS_TYPES } from './checks/checks-message.ts';
import type { ChecksLimits } from './checks/limits.ts';
import { PublishedResources } from './checks/published-resources.ts';
import { responsePublisher } from './checks/response-publisher.ts';
import { GENERATE_SCAN_KIND } from './checks/scan-generation.ts';
import { ScanGenerations } from './checks/scan-generations.ts';
import { UploadAnalyses } from './checks/upload-analyses.ts';
import { ANALYZE_UPLOAD_KIND } from './checks/upload-analysis.ts';
import { UploadJanitor } from './checks/upload-janitor.ts';
import { UploadRecords } from './checks/upload-records.ts';
import type { UploadSpool } from './checks/upload-spool.ts';
import { systemClock } from './core/clock.ts';
import { nextTurn } from './core/next-turn.ts';
import type { ResponsePublisher } from './operations/control/response-publisher.ts';
import type { OwnerTerms } from './operations/operation.ts';
import type { OperationsCore } from './operations-core.ts';
import { checksCodec, scanGenerationCodec, uploadAnalysisCodec } from './schema/checks-codec.ts';
import { protoMessageTypes } from './schema/message-types.ts';
import { DiskUploadSpool } from './spool/disk-upload-spool.ts';

export interface ChecksParts {
  readonly methods: readonly Method[];
  /** For transports that have room for files. */
  readonly uploads: readonly UploadMethod[];
  /** What responses are published as, by the kinds of work that only this API makes. */
  readonly publishers: ReadonlyMap<string, ResponsePublisher>;
  /** Removes files that have no more use until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** @param directory  where uploads rest; undefined where they are off. */
export function createChecks(core: OperationsCore, directory: string | undefined): ChecksParts {
  const { database, pageTokens, limits } = core;
  const { resources } = database;
  const parts = { resources, codec: checksCodec, pageTokens, clock: systemClock, nextTurn, limits: limits.checks };
  const published = new PublishedResources({ ...parts, types: protoMessageTypes, filterLimits: limits.operations });
  const { analyses, run } = createUploads(core, directory);
  return {
    methods: checksMethods(published, createScans(core)),
    uploads: checksUploads(analyses, core.limits.uploads.uploadSizeMaxBytes),
    publishers: publishersOf(limits.checks.reportRetentionMs),
    run,
  };
}

function publishersOf(retentionMs: number): ReadonlyMap<string, ResponsePublisher> {
  const { report, repoScan } = CHECKS_TYPES;
  const parts = { codec: checksCodec, retentionMs };
  return new Map([
    [ANALYZE_UPLOAD_KIND, responsePublisher({ ...parts, type: report, requests: uploadAnalysisCodec })],
    [GENERATE_SCAN_KIND, responsePublisher({ ...parts, type: repoScan, requests: scanGenerationCodec })],
  ]);
}

function createScans({ operations, limits }: OperationsCore): ScanGenerations {
  const { scanRequestSizeMaxBytes, scanFindingCountMax } = limits.checks;
  return new ScanGenerations({
    operations,
    generations: scanGenerationCodec,
    newId: () => randomUUID(),
    limits: { scanRequestSizeMaxBytes, scanFindingCountMax, ownerTerms: ownerTermsOf(limits.checks) },
  });
}

function ownerTermsOf({ leaseDurationMs, cancelGraceMs, abandonAfterMs }: ChecksLimits): OwnerTerms {
  return { leaseDurationMs, cancelGraceMs, abandonAfterMs };
}

interface Uploads extends Pick<ChecksParts, 'run'> {
  readonly analyses: UploadAnalyses;
}

function createUploads(core: OperationsCore, directory: string | undefined): Uploads {
  const spool = directory === undefined ? undefined : new DiskUploadSpool({ directory, limits: core.limits.uploads });
  const records = new UploadRecords(core.database.resources);
  const janitor = spool === undefined ? undefined : createJanitor(core, spool, records);
  const analyses = new UploadAnalyses({
    ...{ spool, janitor: janitor ?? NOBODY, records, operations: core.operations },
    resources: core.database.resources,
    codec: checksCodec,
    analyses: uploadAnalysisCodec,
    newId: () => randomUUID(),
    clock: systemClock,
    limits: { appCountMax: core.limits.checks.appCountMax, ownerTerms: ownerTermsOf(core.limits.checks) },
  });
  return { analyses, run: async (signal) => janitor?.run(signal) };
}

/** Where there is no spool there are no files to be held. */
const NOBODY: Pick<UploadJanitor, 'holding'> = { holding: (_id, act) => act() };

function createJanitor(
  { database, limits, logger }: OperationsCore,
  spool: UploadSpool,
  records: UploadRecords,
): UploadJanitor {
  const { operations } = database;
  return new UploadJanitor({ spool, records, operations, clock: systemClock, logger, limits: limits.uploads });
}
