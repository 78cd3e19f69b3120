/** Wires the Checks API: what is read, and how reports are published. */
import { checksMethods } from './api/checks.ts';
import type { Method } from './api/method.ts';
import { PublishedResources } from './checks/published-resources.ts';
import { reportPublisher } from './checks/report-publisher.ts';
import { ANALYZE_UPLOAD_KIND } from './checks/upload-analysis.ts';
import { systemClock } from './core/clock.ts';
import { nextTurn } from './core/next-turn.ts';
import type { ResponsePublisher } from './operations/control/response-publisher.ts';
import type { OperationsCore } from './operations-core.ts';
import { checksCodec, uploadAnalysisCodec } from './schema/checks-codec.ts';
import { protoMessageTypes } from './schema/message-types.ts';

export interface ChecksParts {
  readonly methods: readonly Method[];
  /** What responses are published as, by kind. */
  readonly publishers: ReadonlyMap<string, ResponsePublisher>;
}

export function createChecks({ database, pageTokens, limits }: OperationsCore): ChecksParts {
  const { resources } = database;
  const parts = { resources, codec: checksCodec, pageTokens, clock: systemClock, nextTurn, limits: limits.checks };
  const published = new PublishedResources({ ...parts, types: protoMessageTypes, filterLimits: limits.operations });
  const { reportRetentionMs } = limits.checks;
  const publishReport = reportPublisher({ codec: checksCodec, analyses: uploadAnalysisCodec, reportRetentionMs });
  return { methods: checksMethods(published), publishers: new Map([[ANALYZE_UPLOAD_KIND, publishReport]]) };
}
