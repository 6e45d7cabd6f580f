const passwordMinLength = 4;

/** Why these cannot be sent yet; null when they can. */
export function passwordComplaint(fields: {
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly repeated: string;
}): string | null {
  if (fields.newPassword.length < passwordMinLength) return `Take at least ${passwordMinLength} characters`;
  if (fields.newPassword === fields.oldPassword) return "Take another password than the present one";
  if (fields.newPassword !== fields.repeated) return "The two new passwords differ";
  return null;
}
