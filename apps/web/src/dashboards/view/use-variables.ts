import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import {
  chooseValue,
  fixedOptions,
  interpolatePromql,
  interpolateRaw,
  parseVariableQuery,
  queryOptions,
  rangeVariables,
  type TimeRange,
  type Variable,
  type VariableOption,
  type VariableScope,
  type VariableValue,
} from "@tatou/dashboard-model";
import type { DataSource } from "../api/dashboards-api.ts";
import { findDataSource } from "../api/data-source-lookup.ts";
import { askVariable } from "../api/variable-answers.ts";

/** A variable with what it offers and what it is set to. */
export interface SettledVariable {
  readonly variable: Variable;
  readonly options: readonly VariableOption[];
  readonly value: VariableValue | null;
  /** Why there are no options; null when all is well. */
  readonly error: unknown;
}

export interface VariablesInput {
  readonly variables: readonly Variable[];
  readonly asked: ReadonlyMap<string, readonly string[]>;
  readonly dataSources: readonly DataSource[];
  readonly range: TimeRange;
  /** Options are asked again when the range has moved by this much, not at each refresh. */
  readonly rangeKey: string;
}

/** Settles the variables in their order: a later one may mention the earlier ones in its query. */
export function useVariables(input: VariablesInput): UseQueryResult<readonly SettledVariable[]> {
  const { variables, asked, dataSources, rangeKey } = input;
  return useQuery<readonly SettledVariable[]>({
    queryKey: ["variables", variables, [...asked], dataSources.map((one) => one.uid), rangeKey],
    queryFn: ({ signal }) => settleVariables(input, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The scope that the settled variables make, with the names that depend on the dashboard and the range. */
export function scopeOf(settled: readonly SettledVariable[], range: TimeRange): VariableScope {
  const scope = new Map<string, VariableValue>(rangeVariables(range));
  for (const { variable, value } of settled) if (value !== null) scope.set(variable.name, value);
  return scope;
}

async function settleVariables(input: VariablesInput, signal: AbortSignal): Promise<readonly SettledVariable[]> {
  const settled: SettledVariable[] = [];
  for (const variable of input.variables) {
    const scope = scopeOf(settled, input.range);
    settled.push(await settleOne({ variable, scope, input, signal }));
  }
  return settled;
}

interface SettleParts {
  readonly variable: Variable;
  readonly scope: VariableScope;
  readonly input: VariablesInput;
  readonly signal: AbortSignal;
}

async function settleOne(parts: SettleParts): Promise<SettledVariable> {
  const { variable, input } = parts;
  const asked = input.asked.get(variable.name) ?? [];
  try {
    const options = await optionsOf(parts);
    return { variable, options, value: chooseValue(variable, options, asked), error: null };
  } catch (error) {
    // The saved value still lets the panels ask; the bar shows why there is nothing to choose.
    return { variable, options: [], value: chooseValue(variable, [], asked), error };
  }
}

async function optionsOf({ variable, scope, input, signal }: SettleParts): Promise<readonly VariableOption[]> {
  switch (variable.kind) {
    case "datasource":
      return dataSourceOptions(variable, input.dataSources);
    case "query": {
      const found = findDataSource(interpolateRaw(variable.datasource, scope), input.dataSources);
      if (found.kind === "missing") throw new Error(found.message);
      const query = parseVariableQuery(interpolatePromql(variable.query, scope));
      return queryOptions(variable, await askVariable(found.dataSource.uid, { query, range: input.range, signal }));
    }
    case "custom":
    case "interval":
    case "constant":
    case "textbox":
    case "unsupported":
      return fixedOptions(variable);
  }
}

function dataSourceOptions(variable: Variable, dataSources: readonly DataSource[]): readonly VariableOption[] {
  const fitting = dataSources.filter((one) => one.type === variable.query);
  const byName = queryOptions(
    variable,
    fitting.map((one) => one.name),
  ).flatMap((option) => fitting.filter((one) => one.name === option.value));
  // The default one first, so that it is what an unset variable takes.
  return [...byName]
    .sort((left, right) => Number(right.isDefault) - Number(left.isDefault))
    .map((one) => ({ text: one.name, value: one.uid }));
}
