/** Thrown for what a message can hold and protobuf's JSON has no form for, such as a time after the year 9999. */
export class NoJsonForm extends Error {
  override readonly name = 'NoJsonForm';
}
