import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import protobuf from 'protobufjs/minimal.js';
import type { DescriptorSet } from '../../src/schema/descriptor-set.ts';
import { loadDescriptors } from '../../src/schema/descriptors.ts';
import { protoPath } from '../../src/schema/proto-files.ts';

const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));

const HEALTH = {
  name: 'grpc/health/v1/health.proto',
  path: createRequire(import.meta.url).resolve('grpc-health-check/proto/health/v1/health.proto'),
};

type Descriptor = Readonly<Record<string, unknown>>;

let directory: string;
let descriptors: DescriptorSet;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'descriptors-'));
  descriptors = await loadDescriptors([HEALTH]);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A FileDescriptorSet's files by name, in buf's JSON: it knows all custom options that the set itself defines. */
function asJson(input: string): ReadonlyMap<string, Descriptor> {
  const output = join(directory, 'set.json');
  const parameters = ['build', input, '-o', output, '--as-file-descriptor-set', '--exclude-source-info'];
  execFileSync(BUF, parameters, { cwd: directory, env: { ...process.env, NODE_OPTIONS: '' } });
  const { file } = JSON.parse(readFileSync(output, 'utf8')) as { readonly file: readonly Descriptor[] };
  return new Map(file.map((each) => [each['name'] as string, each]));
}

/** The same files, compiled by buf from their sources. */
function compiled(): ReadonlyMap<string, Descriptor> {
  const sources = join(directory, 'sources');
  for (const { name } of descriptors.files) {
    mkdirSync(dirname(join(sources, name)), { recursive: true });
    cpSync(name === HEALTH.name ? HEALTH.path : protoPath(name), join(sources, name));
  }
  return asJson(sources);
}

/** What the descriptors say, read by buf. */
function described(): ReadonlyMap<string, Descriptor> {
  const writer = protobuf.Writer.create();
  // google.protobuf.FileDescriptorSet.file
  for (const { bytes } of descriptors.files) writer.uint32((1 << 3) | 2).bytes(bytes);
  const path = join(directory, 'described.binpb');
  writeFileSync(path, writer.finish());
  return asJson(path);
}

/**
 * Without what a parser that knows no positions loses, and no client of reflection needs:
 * - the order of nested messages, as the entries of maps come behind those that are written; they are found by name;
 * - options that are empty: a method with a body that is empty, instead of a semicolon, has those;
 * - the options of ranges of extension numbers: who declared which number, for compilers. Only descriptor.proto has them.
 */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const said = Object.entries(value).filter(
    ([key, member]) => key !== 'options' || Object.keys(member as object).length > 0,
  );
  const entries = said.map(([key, member]) => {
    if (key === 'nestedType') return [key, byName(member as readonly Descriptor[]).map(comparable)];
    if (key === 'extensionRange') {
      return [key, (member as readonly Descriptor[]).map(({ start, end }) => ({ start, end }))];
    }
    return [key, comparable(member)];
  });
  return Object.fromEntries(entries);
}

function byName(messages: readonly Descriptor[]): readonly Descriptor[] {
  return messages.toSorted((a, b) => String(a['name']).localeCompare(String(b['name'])));
}

describe('the descriptors', () => {
  test('say what a compiler makes of the same files', () => {
    const expected = compiled();
    const actual = described();
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, file] of expected) expect([name, comparable(actual.get(name))]).toEqual([name, comparable(file)]);
  });

  test('hold every import of every file', () => {
    for (const file of descriptors.files) {
      const closure = descriptors.closure(file);
      expect(closure[0]).toBe(file);
      expect(new Set(closure).size).toBe(closure.length);
    }
  });

  test.each([
    ['a service', 'google.longrunning.Operations', 'google/longrunning/operations.proto'],
    ['a method', 'google.longrunning.Operations.WaitOperation', 'google/longrunning/operations.proto'],
    ['a message', 'google.rpc.ErrorInfo', 'google/rpc/error_details.proto'],
    ['a nested message', 'google.rpc.BadRequest.FieldViolation', 'google/rpc/error_details.proto'],
    ['the entry of a map', 'google.rpc.ErrorInfo.MetadataEntry', 'google/rpc/error_details.proto'],
    ['a field', 'google.rpc.ErrorInfo.reason', 'google/rpc/error_details.proto'],
    ['a oneof', 'google.longrunning.Operation.result', 'google/longrunning/operations.proto'],
    ['an enum', 'google.rpc.Code', 'google/rpc/code.proto'],
    ['a value of an enum', 'google.rpc.NOT_FOUND', 'google/rpc/code.proto'],
    [
      'a value of a nested enum',
      'google.storagetransfer.v1.TransferOperation.ABORTED',
      'google/storagetransfer/v1/transfer_types.proto',
    ],
    ['an extension', 'google.api.http', 'google/api/annotations.proto'],
    ['health', 'grpc.health.v1.Health.Check', 'grpc/health/v1/health.proto'],
    ['reflection itself', 'grpc.reflection.v1.ServerReflection', 'grpc/reflection/v1/reflection.proto'],
  ])('find %s by its full name', (_what, symbol, file) => {
    expect(descriptors.fileOfSymbol(symbol)?.name).toBe(file);
  });

  test('find an extension by its number', () => {
    const type = 'google.protobuf.MethodOptions';
    expect(descriptors.extensionNumbers(type)).toContain(72_295_728);
    expect(descriptors.fileOfExtension(type, 72_295_728)?.name).toBe('google/api/annotations.proto');
    expect(descriptors.extensionNumbers('google.rpc.Status')).toEqual([]);
  });
});
