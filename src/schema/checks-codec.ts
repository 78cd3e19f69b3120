import type { ChecksCodec } from '../checks/checks-message.ts';
import type { UploadAnalysis, UploadAnalysisCodec } from '../checks/upload-analysis.ts';
import { decodeMessage, encodeMessage, packAny } from './protos.ts';

const UPLOAD_ANALYSIS = 'longrunning.checks.v1.UploadAnalysis';

export const checksCodec: ChecksCodec = { encode: encodeMessage, decode: decodeMessage };

export const uploadAnalysisCodec: UploadAnalysisCodec = {
  encode: (analysis) => packAny(UPLOAD_ANALYSIS, uploadAnalysisMessage(analysis)),
  reportOf: ({ value }) => (decodeMessage(UPLOAD_ANALYSIS, value) as { readonly report?: string }).report ?? '',
};

function uploadAnalysisMessage({ parent, report, file, ...description }: UploadAnalysis): object {
  const { codeReferenceId, appBinaryFileType, fileName, contentType } = description;
  const type = appBinaryFileType === undefined ? {} : { appBinaryFileType };
  return {
    request: { parent, codeReferenceId, ...type },
    report,
    upload: { ...file, fileName, contentType },
  };
}
