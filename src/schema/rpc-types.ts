import { decodeMessage, findService } from './protos.ts';

/** The full names of an RPC's messages. */
export interface RpcTypes {
  readonly request: string;
  readonly response: string;
}

/** The parts of google.protobuf.FileDescriptorProto that are read; lists that are empty are absent. */
interface FileDescriptor {
  readonly package?: string;
  readonly service?: readonly ServiceDescriptor[];
}

interface ServiceDescriptor {
  readonly name: string;
  readonly method?: readonly { readonly name: string; readonly inputType: string; readonly outputType: string }[];
}

/**
 * What the RPCs of a service take and answer, by RPC; empty for a service that is not loaded.
 *
 * Some 10 ms: a service as it was loaded names its messages without their packages, so that its descriptor is decoded.
 */
export function rpcTypes(service: string): ReadonlyMap<string, RpcTypes> {
  const [first] = Object.values(findService(service) ?? {});
  for (const bytes of first?.requestType.fileDescriptorProtos ?? []) {
    const file = decodeMessage('google.protobuf.FileDescriptorProto', bytes) as FileDescriptor;
    const found = file.service?.find(({ name }) => `${file.package ?? ''}.${name}` === service);
    if (found !== undefined) return typesOf(found);
  }
  return new Map();
}

function typesOf({ method = [] }: ServiceDescriptor): ReadonlyMap<string, RpcTypes> {
  return new Map(
    method.map(({ name, inputType, outputType }) => [
      name,
      { request: inputType.replace(/^\./, ''), response: outputType.replace(/^\./, '') },
    ]),
  );
}
