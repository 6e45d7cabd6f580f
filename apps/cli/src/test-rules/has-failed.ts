import type { RuleTestFileReport } from "@tatou/rules";

export function hasFailed({ problems, tests }: RuleTestFileReport): boolean {
  return problems.length > 0 || tests.some(({ failures }) => failures.length > 0);
}
