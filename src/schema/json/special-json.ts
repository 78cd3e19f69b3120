const WRAPPER = /^google\.protobuf\.(?:Double|Float|U?Int(?:32|64)|Bool|String|Bytes)Value$/;

const SPECIAL: ReadonlySet<string> = new Set(
  ['Any', 'Timestamp', 'Duration', 'FieldMask', 'Struct', 'Value', 'ListValue'].map(
    (name) => `google.protobuf.${name}`,
  ),
);

/** Whether a message is one of wrappers.proto, whose JSON is that of its field `value`. */
export function isWrapper(messageName: string): boolean {
  return WRAPPER.test(messageName);
}

/** Whether a message's JSON is not that of its fields, and so stands in an Any as `value`. */
export function hasSpecialJson(messageName: string): boolean {
  return SPECIAL.has(messageName) || isWrapper(messageName);
}
