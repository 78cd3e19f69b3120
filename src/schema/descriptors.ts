import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import protobuf from 'protobufjs';
import { DescriptorSet, type DescribedExtension, type DescribedFile } from './descriptor-set.ts';
import {
  fileMembers,
  type EnumMembers,
  type FileMembers,
  type MessageMembers,
  type ParsedFile,
} from './file-descriptor.ts';
import { protoNames, protoNamesOfAnys, protoPath } from './proto-files.ts';

/** A .proto that a package ships under a path which is not its name. */
export interface OtherProto {
  /** As others would import it, such as `grpc/health/v1/health.proto`. */
  readonly name: string;
  readonly path: string;
}

/** What encodes the others; imported wherever there are custom options. */
const DESCRIPTOR_PROTO = 'google/protobuf/descriptor.proto';

/** The one parser has its file's name in a property of its own, for its messages and for what it makes. */
const parser = protobuf.parse as typeof protobuf.parse & { filename: string | null };

/**
 * Describes every .proto this product speaks, with all that they import, as a compiler would but for comments and source positions.
 *
 * Parses them all anew, as those who loaded them for work kept neither their imports nor their options. Yields to other work
 * between files.
 * @throws Error when a file is missing or wrong.
 */
export async function loadDescriptors(others: readonly OtherProto[] = []): Promise<DescriptorSet> {
  const root = new protobuf.Root();
  const files = await parseAll(root, others);
  root.resolveAll();
  const type = root.lookupType('google.protobuf.FileDescriptorProto');
  const described: DescribedFile[] = [];
  for (const file of files) {
    await nextTurn();
    described.push(describe(type, fileMembers(file)));
  }
  return new DescriptorSet(described);
}

/** The files named and, after them, what they import. */
async function parseAll(root: protobuf.Root, others: readonly OtherProto[]): Promise<readonly ParsedFile[]> {
  const paths = new Map(others.map(({ name, path }) => [name, path]));
  const names = new Set([DESCRIPTOR_PROTO, ...protoNames(), ...protoNamesOfAnys(), ...paths.keys()]);
  const files: ParsedFile[] = [];
  // A set is walked in the order of its growth, what is added on the way included.
  for (const name of names) {
    const file = parse(root, name, await readFile(paths.get(name) ?? protoPath(name), 'utf8'));
    files.push(file);
    for (const dependency of file.dependencies) names.add(dependency);
  }
  return files;
}

/** Keeps apart what a package's files share in the root: which of them defines what, and the options that each one sets for itself. */
function parse(root: protobuf.Root, name: string, source: string): ParsedFile {
  parser.filename = name;
  const { package: packageName = '', imports, weakImports } = parser(source, root, { keepCase: true });
  const namespace = packageName === '' ? root : root.define(packageName);
  const options: unknown = namespace.parsedOptions;
  Object.assign(namespace, { parsedOptions: undefined, options: undefined });
  return {
    name,
    package: packageName,
    syntax: /^\s*syntax\s*=\s*["'](\w+)["']/m.exec(source)?.[1] ?? 'proto2',
    dependencies: [...(imports ?? []), ...(weakImports ?? [])],
    options: Array.isArray(options) ? (options as ParsedFile['options']) : undefined,
    namespace,
    contents: namespace.nestedArray.filter((object) => object.filename === name),
  };
}

function describe(type: protobuf.Type, file: FileMembers): DescribedFile {
  return {
    name: file.name,
    dependencies: file.dependency,
    symbols: symbolsOf(file),
    extensions: extensionsOf(file),
    bytes: type.encode(type.fromObject(file)).finish(),
  };
}

function symbolsOf(file: FileMembers): readonly string[] {
  const scope = file.package === '' ? '' : `${file.package}.`;
  const services = file.service.flatMap(({ name, method }) => [
    `${scope}${name}`,
    ...method.map((rpc) => `${scope}${name}.${rpc.name}`),
  ]);
  return [...services, ...scopeSymbols(scope, { ...file, nested_type: file.message_type })];
}

/** Of what a file or a message defines. Values of an enum are siblings of the enum, as in C++. */
function scopeSymbols(
  scope: string,
  { nested_type, enum_type, extension }: Pick<MessageMembers, 'nested_type' | 'enum_type' | 'extension'>,
): readonly string[] {
  return [
    ...nested_type.flatMap((message) => messageSymbols(scope, message)),
    ...enum_type.flatMap((type: EnumMembers) => [type, ...type.value]).map(({ name }) => scope + name),
    ...extension.map(({ name }) => scope + name),
  ];
}

function messageSymbols(scope: string, message: MessageMembers): readonly string[] {
  const own = `${scope}${message.name}.`;
  const members = [...message.field, ...message.oneof_decl].map(({ name }) => own + name);
  return [scope + message.name, ...members, ...scopeSymbols(own, message)];
}

function extensionsOf({ extension, message_type }: FileMembers): readonly DescribedExtension[] {
  const within = ({ extension: own, nested_type }: MessageMembers): MessageMembers['extension'] => [
    ...own,
    ...nested_type.flatMap(within),
  ];
  return [...extension, ...message_type.flatMap(within)].map(({ extendee = '', number }) => ({
    extendee: extendee.replace(/^\./, ''),
    number,
  }));
}
