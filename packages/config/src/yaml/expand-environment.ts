/**
 * Replaces $NAME and ${NAME} by what `lookup` gives, "" for undefined, by the rules of Go's os.Expand: a name is
 * letters, digits and _, or one of the characters * # $ @ ! ? - and single digits; a $ before anything else stays.
 * Replaced text is not looked at again.
 */
export function expandEnvironment(template: string, lookup: (name: string) => string | undefined): string {
  return template.replace(
    /\$(?:\{([^}]*)\}|([*#$@!?-]|\d)|([a-zA-Z_]\w*))/g,
    (_whole, braced?: string, special?: string, plain?: string) => lookup(braced ?? special ?? plain ?? "") ?? "",
  );
}
