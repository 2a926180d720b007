import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const folder = fileURLToPath(new URL("../../examples/fleet/kubernetes", import.meta.url));

export const manifestNames = ["volume.yaml", "pack.yaml", "verify.yaml"] as const;

/** A manifest of examples/fleet/kubernetes, as Kubernetes reads it. */
export function readManifest(name: (typeof manifestNames)[number]): unknown {
  return parse(readFileSync(join(folder, name), "utf8"), { strict: true, uniqueKeys: true });
}

export const readContainerfile = () => readFileSync(join(folder, "Containerfile"), "utf8");

/** What the tests look at of a rule for pods that have failed. */
export interface FailureRule {
  readonly action: "FailIndex" | "FailJob" | "Ignore" | "Count";
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: "In" | "NotIn";
    readonly values: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** What the tests look at of a job. */
export interface Job {
  readonly spec: {
    readonly completions?: number;
    readonly backoffLimit?: number;
    readonly backoffLimitPerIndex?: number;
    readonly podFailurePolicy: { readonly rules: readonly FailureRule[] };
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly [Container];
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim?: { readonly claimName: string };
        }[];
      };
    };
  };
}

/** A pod that has failed. */
export interface FailedPod {
  readonly container: string;
  readonly code: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** What becomes of it, by the rules as the documentation of podFailurePolicy has them: the first that is met. */
export function actionOn(rules: readonly FailureRule[], pod: FailedPod): FailureRule["action"] {
  const { container, code, conditions = [] } = pod;
  const met = rules.find(({ onExitCodes, onPodConditions }) => {
    if (onExitCodes !== undefined) {
      const { containerName, operator, values } = onExitCodes;
      if (code === 0 || (containerName ?? container) !== container) return false;
      return values.includes(code) === (operator === "In");
    }
    return onPodConditions?.some(({ type, status }) =>
      conditions.some((one) => one.type === type && one.status === status),
    );
  });
  return met?.action ?? "Count";
}
