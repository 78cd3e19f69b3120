import { messageName } from '../core/any.ts';
import { invalidArgument } from '../core/status-error.ts';
import type { ResponsePublisher } from '../operations/control/response-publisher.ts';
import { CHECKS_TYPES, type ChecksCodec } from './checks-message.ts';
import { parentOf } from './checks-names.ts';
import type { UploadAnalysisCodec } from './upload-analysis.ts';

export interface ReportPublisherOptions {
  readonly codec: ChecksCodec;
  readonly analyses: Pick<UploadAnalysisCodec, 'reportOf'>;
  /** How long a report is kept, milliseconds. */
  readonly reportRetentionMs: number;
}

/** Publishes the Report that an upload's operation ends with, under the name that its request gives. */
export function reportPublisher({ codec, analyses, reportRetentionMs }: ReportPublisherOptions): ResponsePublisher {
  const { kind, typeName } = CHECKS_TYPES.report;
  return ({ request }, response, now) => {
    const type = messageName(response);
    if (type !== typeName) {
      throw invalidArgument('response', `is a ${type}; work of this kind ends with a ${typeName}`, {
        metadata: { type },
      });
    }
    const name = analyses.reportOf(request);
    const report = codec.decode(typeName, response.value);
    if (report['name'] !== name) {
      throw invalidArgument('response.name', `must be ${name}, as the request says`, { metadata: { report: name } });
    }
    codec.assertReadable(typeName, report);
    const next = { collection: parentOf(name), value: response.value, createTimeMs: now };
    return [{ kind, name, revision: 0, next: { ...next, expireTimeMs: now + reportRetentionMs } }];
  };
}
