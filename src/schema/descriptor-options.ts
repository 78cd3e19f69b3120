/**
 * Options as protobufjs parsed them → members of the options' message, custom options included: `(google.api.http)` is an extension
 * of google.protobuf.MethodOptions, and protobufjs gives that message a field for it when the file defining it is in the same root.
 */
import protobuf from 'protobufjs';

/** A message as a plain object. */
export type Members = Readonly<Record<string, unknown>>;

/** One entry for each time an option is written: its name as written, and its value. */
export type ParsedOptions = readonly Members[];

/**
 * @param type  the options' message, such as google.protobuf.MethodOptions.
 * @param scope  where the options stand: their names are relative to it.
 * @throws Error for an option that nobody defines: its file is not loaded, or is wrong.
 */
export function optionMembers(type: protobuf.Type, options: ParsedOptions, scope: protobuf.NamespaceBase): Members {
  const members: Record<string, unknown> = {};
  for (const option of options) {
    for (const [written, value] of Object.entries(option)) {
      const field = optionField(type, written, scope);
      const member = memberValue(field, value);
      const before = members[field.name];
      members[field.name] = Array.isArray(before) ? [...(before as unknown[]), ...(member as unknown[])] : member;
    }
  }
  return members;
}

/**
 * The options of an enum's value, of which protobufjs keeps only their leaves, by dotted paths: `(acme.range).min` or `deprecated`.
 */
export function enumValueOptions(leaves: Members | undefined): ParsedOptions {
  return Object.entries(leaves ?? {}).map(([path, value]) => {
    const [first = '', ...rest] = path.match(/\([^)]*\)|[^.]+/g) ?? [];
    return { [first]: rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) };
  });
}

function optionField(type: protobuf.Type, written: string, scope: protobuf.NamespaceBase): protobuf.Field {
  const extension = /^\((.*)\)$/.exec(written)?.[1];
  const field =
    extension === undefined
      ? type.fields[written]
      : (scope.lookup(extension, [protobuf.Field]) as protobuf.Field | null)?.extensionField;
  if (field === undefined || field === null) throw new Error(`${type.fullName} has no option ${written}`);
  return field;
}

function memberValue(field: protobuf.Field, value: unknown): unknown {
  const { resolvedType } = field;
  const values = (Array.isArray(value) ? value : [value]) as unknown[];
  const members =
    resolvedType instanceof protobuf.Type
      ? values.map((entry) => messageValue(resolvedType, entry as Members))
      : values;
  return field.repeated ? members : members[0];
}

/** In the text format a field that may repeat stands as itself when there is one. */
function messageValue(type: protobuf.Type, value: Members): Members {
  const entries = Object.entries(value).map(([name, member]) => {
    const field = type.fields[name];
    if (field === undefined) throw new Error(`${type.fullName} has no field ${name}`);
    return [name, memberValue(field, member)] as const;
  });
  return Object.fromEntries(entries);
}
