import { decodedFiles, type ServiceDescriptor } from './decoded-files.ts';
import { findService } from './protos.ts';

/** The full names of an RPC's messages. */
export interface RpcTypes {
  readonly request: string;
  readonly response: string;
}

/**
 * What the RPCs of a service take and answer, by RPC; empty for a service that is not loaded.
 *
 * A service as it was loaded names its messages without their packages, so that descriptors are decoded.
 */
export function rpcTypes(service: string): ReadonlyMap<string, RpcTypes> {
  const [first] = Object.values(findService(service) ?? {});
  for (const file of decodedFiles(first?.requestType.fileDescriptorProtos ?? [])) {
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
