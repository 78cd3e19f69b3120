import type { ChecksCodec } from '../checks/checks-message.ts';
import type { ScanGenerationCodec } from '../checks/scan-generation.ts';
import type { UploadAnalysis, UploadAnalysisCodec } from '../checks/upload-analysis.ts';
import { invalidArgument } from '../core/status-error.ts';
import { NoJsonForm } from './json/no-json-form.ts';
import { messageJson } from './message-json.ts';
import { decodeMessage, encodeMessage, packAny, type Message } from './protos.ts';

const SCAN_GENERATION = 'longrunning.checks.v1.ScanGeneration';
const UPLOAD_ANALYSIS = 'longrunning.checks.v1.UploadAnalysis';

export const checksCodec: ChecksCodec = { encode: encodeMessage, decode: decodeMessage, assertReadable };

export const uploadAnalysisCodec: UploadAnalysisCodec = {
  encode: (analysis) => packAny(UPLOAD_ANALYSIS, uploadAnalysisMessage(analysis)),
  resultOf: ({ value }) => (decodeMessage(UPLOAD_ANALYSIS, value) as { readonly report?: string }).report ?? '',
};

export const scanGenerationCodec: ScanGenerationCodec = {
  encode: (generation) => packAny(SCAN_GENERATION, generation),
  resultOf: ({ value }) => (decodeMessage(SCAN_GENERATION, value) as { readonly scan?: string }).scan ?? '',
};

function assertReadable(typeName: string, response: Message): void {
  try {
    messageJson(typeName, response);
  } catch (cause) {
    if (!(cause instanceof NoJsonForm)) throw cause;
    const { message: problem } = cause;
    throw invalidArgument('response', `cannot be told as JSON: ${problem}`, { metadata: { problem }, cause });
  }
}

function uploadAnalysisMessage({ parent, report, file, ...description }: UploadAnalysis): object {
  const { codeReferenceId, appBinaryFileType, fileName, contentType } = description;
  const type = appBinaryFileType === undefined ? {} : { appBinaryFileType };
  return {
    request: { parent, codeReferenceId, ...type },
    report,
    upload: { ...file, fileName, contentType },
  };
}
