import { Code } from '../core/code.ts';
import type { DescribedFile, DescriptorSet } from '../schema/descriptor-set.ts';

/** A ServerReflectionRequest of either version, as its plain object. */
export interface ReflectionRequest {
  readonly host?: string;
  readonly messageRequest?: string;
  readonly fileByFilename?: string;
  readonly fileContainingSymbol?: string;
  readonly fileContainingExtension?: { readonly containingType?: string; readonly extensionNumber?: number };
  readonly allExtensionNumbersOfType?: string;
}

/** What reflection tells of. */
export interface ReflectionSubject {
  readonly descriptors: DescriptorSet;
  /** The full names of the services that are served. */
  readonly services: readonly string[];
}

type Answer = Readonly<Record<string, unknown>>;

/** The answers of one stream: it is sent each file once, save for one that it asks for again itself. */
export class ReflectionSession {
  readonly #subject: ReflectionSubject;
  readonly #sent = new Set<DescribedFile>();

  constructor(subject: ReflectionSubject) {
    this.#subject = subject;
  }

  /** A ServerReflectionResponse; what there is not is its error_response, and the stream goes on. */
  answer(request: ReflectionRequest): Answer {
    return { validHost: request.host ?? '', originalRequest: request, ...this.#answer(request) };
  }

  #answer(request: ReflectionRequest): Answer {
    const { descriptors } = this.#subject;
    const { fileByFilename = '', fileContainingSymbol = '', fileContainingExtension = {} } = request;
    switch (request.messageRequest) {
      case 'fileByFilename':
        return this.#file(descriptors.file(fileByFilename), `the file ${fileByFilename}`);
      case 'fileContainingSymbol':
        return this.#file(descriptors.fileOfSymbol(fileContainingSymbol), fileContainingSymbol);
      case 'fileContainingExtension': {
        const { containingType = '', extensionNumber = 0 } = fileContainingExtension;
        const file = descriptors.fileOfExtension(containingType, extensionNumber);
        return this.#file(file, `the extension ${String(extensionNumber)} of ${containingType}`);
      }
      case 'allExtensionNumbersOfType':
        return this.#extensionNumbers(request.allExtensionNumbersOfType ?? '');
      case 'listServices':
        return { listServicesResponse: { service: this.#subject.services.map((name) => ({ name })) } };
      default:
        return failure(Code.INVALID_ARGUMENT, 'the request asks for nothing that is known here');
    }
  }

  #file(file: DescribedFile | undefined, what: string): Answer {
    if (file === undefined) return notFound(what);
    const fresh = this.#subject.descriptors.closure(file).filter((each) => each === file || !this.#sent.has(each));
    for (const each of fresh) this.#sent.add(each);
    return { fileDescriptorResponse: { fileDescriptorProto: fresh.map(({ bytes }) => bytes) } };
  }

  #extensionNumbers(type: string): Answer {
    const { descriptors } = this.#subject;
    if (descriptors.fileOfSymbol(type) === undefined) return notFound(type);
    const extensionNumber = descriptors.extensionNumbers(type);
    return { allExtensionNumbersResponse: { baseTypeName: type, extensionNumber } };
  }
}

function notFound(what: string): Answer {
  return failure(Code.NOT_FOUND, `${what} is not known to this server`);
}

function failure(code: Code, message: string): Answer {
  return { errorResponse: { errorCode: code, errorMessage: message } };
}
