/**
 * Why an expression has no value here. It is thrown out of an expression, and it also stands as a value
 * inside an object or array, so that `variables('app').name` works while `variables('app').apiVersion`,
 * which nobody can tell, does not.
 */
export class Unresolved extends Error {
  override readonly name = 'Unresolved';
  constructor(readonly why: string) {
    super(why);
  }
}
