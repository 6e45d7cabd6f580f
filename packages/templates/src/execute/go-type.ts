/** Go's type names where a value is handed to a parameter. */
import { type GoValue, typeNameOf } from "../values/go-value.ts";

/** Whether a parameter of this type takes nil. */
export function canBeNil(typeName: string): boolean {
  return typeName === "any" || typeName.startsWith("[]") || typeName.startsWith("*") || typeName.startsWith("map[");
}

/** Whether a value that is not nil may be handed to a parameter of this type. */
export function isAssignable(value: GoValue, typeName: string): boolean {
  return typeName === "any" || typeNameOf(value) === typeName;
}
