/** The table of options is whole, its quotations are the proto's, and the tests that it names are there. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import protobuf from 'protobufjs';
import { HAZARDS } from './hazards.ts';
import { optionsPage } from './options-page.ts';
import { MESSAGES, OPTIONS } from './options.ts';

const PROTOS = dirname(createRequire(import.meta.url).resolve('google-proto-files/package.json'));
const FILE = 'google/storagetransfer/v1/transfer_types.proto';

/** Fields and values of a message and of the types within it, by their names from the message on. */
function* namesOf(type: protobuf.Type, path: string): Generator<string> {
  for (const { name } of type.fieldsArray) yield `${path}.${name}`;
  for (const nested of type.nestedArray) {
    if (nested instanceof protobuf.Type) yield* namesOf(nested, `${path}.${nested.name}`);
    if (nested instanceof protobuf.Enum)
      for (const value of Object.keys(nested.values)) yield `${path}.${nested.name}.${value}`;
  }
}

test('the table has every field and every value of the options, once, and nothing else', () => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(PROTOS, target);
  root.loadSync(FILE, { keepCase: true });
  const names = MESSAGES.flatMap((name) => [...namesOf(root.lookupType(`google.storagetransfer.v1.${name}`), name)]);
  expect(OPTIONS.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});

test('every sentence of it stands in the proto', () => {
  const text = readFileSync(join(PROTOS, FILE), 'utf8').replace(/\s+(\/\/)?\s*/g, ' ');
  const strangers = OPTIONS.filter(({ sentence }) => !text.includes(sentence));
  expect(strangers).toEqual([]);
});

test('every test that it names stands in its file', () => {
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
    texts.set(file, text);
    return text;
  };
  const missing = [...OPTIONS, ...HAZARDS].filter((held) => !textOf(held.file).includes(held.test));
  expect(missing).toEqual([]);
});

test('the page is made of it', () => {
  const page = readFileSync(new URL('../../docs/transfer-options.md', import.meta.url), 'utf8');
  expect(page).toBe(optionsPage());
});
