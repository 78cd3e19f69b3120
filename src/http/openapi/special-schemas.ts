import type { JsonObject } from '../../schema/message-json.ts';

/** Messages that protobuf's JSON does not write as their fields; wrappers are written as their value. */
export const SPECIAL_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  'google.protobuf.Any': {
    type: 'object',
    description: 'A message of any type: its members beside `@type`, or its JSON as `value` where that is no object.',
    properties: { '@type': { type: 'string', examples: ['type.googleapis.com/google.protobuf.Empty'] } },
    additionalProperties: true,
  },
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': {
    type: 'string',
    description: 'Seconds with up to nine digits behind the point.',
    pattern: '^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$',
    examples: ['3.5s'],
  },
  'google.protobuf.FieldMask': {
    type: 'string',
    description: 'Paths of fields, with commas between them.',
    examples: ['status,transferSpec.transferOptions'],
  },
  'google.protobuf.Struct': { type: 'object', additionalProperties: true },
  'google.protobuf.Value': { description: 'Any JSON value.' },
  'google.protobuf.ListValue': { type: 'array', items: {} },
};
