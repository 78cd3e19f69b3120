import { invalidArgument } from '../core/status-error.ts';
import { APP, parseNewName } from './checks-names.ts';
import { plainText } from './plain-text.ts';
import type { UploadDescription } from './upload-analysis.ts';

/** AnalyzeUploadRequest, as it came. */
export interface AnalyzeUploadRequest {
  readonly parent?: string;
  readonly codeReferenceId?: string;
  /** A number where it has no name. */
  readonly appBinaryFileType?: string | number;
}

/** What the transport knows of the file. */
export interface UploadHeader {
  readonly fileName: string;
  readonly contentType: string;
}

/** A commit's hash has 64 characters at most; the API gives no bound, and a record needs one. */
const CODE_REFERENCE_LENGTH_MAX = 256;
/** NAME_MAX of every file system that apps come from. */
const FILE_NAME_LENGTH_MAX = 255;

/** @throws StatusError INVALID_ARGUMENT naming the field. */
export function checkedUpload(
  request: AnalyzeUploadRequest,
  header: UploadHeader,
): UploadDescription & { readonly parent: string } {
  const { codeReferenceId = '', appBinaryFileType } = request;
  if (typeof appBinaryFileType === 'number') {
    throw invalidArgument('app_binary_file_type', 'must be ANDROID_APK, ANDROID_AAB or IOS_IPA');
  }
  return {
    parent: parseNewName(request.parent, APP, 'parent'),
    codeReferenceId: plainText('code_reference_id', codeReferenceId, CODE_REFERENCE_LENGTH_MAX),
    ...(appBinaryFileType === undefined ? {} : { appBinaryFileType }),
    fileName: plainText('media.file_name', baseName(header.fileName), FILE_NAME_LENGTH_MAX),
    contentType: plainText('media.content_type', header.contentType, FILE_NAME_LENGTH_MAX),
  };
}

/** Browsers and curl send a name; others a path of theirs, which says nothing here and must never be taken for one of ours. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
