/** Names under which a kernel's body finds the numbers of its thread; u32, bound before the body. */

export const AXES = ['x', 'y', 'z'] as const;

/** The workgroup's place in the grid of workgroups. */
export const GROUP_IDS = ['group_x', 'group_y', 'group_z'] as const;

/** The thread's number in its workgroup, x fastest. */
export const LOCAL_ID = 'local';

export const THREAD_IDS: readonly string[] = [...AXES, ...GROUP_IDS, LOCAL_ID];
