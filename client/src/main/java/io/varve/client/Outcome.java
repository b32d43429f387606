// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/** Whether an operation that failed may have taken effect. */
public enum Outcome {
    /** Nothing happened, and nothing will. */
    NOT_APPLIED,
    /** It may have been applied, now or later. Repeating it may do it twice. */
    INDETERMINATE
}
