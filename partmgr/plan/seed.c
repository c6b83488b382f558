/* SPDX-License-Identifier: BSD-2-Clause */
/* Seeds for the guests' random numbers, from the one that the boot loader gave the machine.
 *
 * A guest that knows its own seeds must learn nothing of the machine's or of another's: each is a
 * hash of the machine's seed and of whose it is and what for. All messages have the same length, so
 * none is another's continuation. */
#include "build.h"
#include "sha256.h"
#include <libfdt.h>
#include <string.h>

enum seed_purpose { SEED_RNG, SEED_KASLR };

struct seed_message {
    uint8_t machine[SHA256_SIZE];
    char name[PLAN_NAME]; /* filled with zeroes */
    uint32_t partition;
    uint32_t purpose;
};
_Static_assert(sizeof(struct seed_message) == SHA256_SIZE + PLAN_NAME + 8, "no padding is hashed");

void seed_partitions(struct build *build)
{
    const void *tree = build->hardware;
    int chosen = fdt_subnode_offset(tree, 0, "chosen"), length = 0;
    const void *seed = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "rng-seed", &length);
    struct seed_message message = {.purpose = SEED_RNG};
    uint8_t digest[SHA256_SIZE];

    if (!seed || length < PLAN_RNG_SEED)
        return;
    sha256(seed, (size_t)length, message.machine);
    for (uint32_t i = 0; i < build->plan->partition_count; i++) {
        struct plan_partition *partition = &build->plan->partition[i];

        partition->seeded = true;
        message.partition = i;
        memcpy(message.name, partition->name, sizeof(message.name));
        message.purpose = SEED_RNG;
        sha256(&message, sizeof(message), partition->rng_seed);
        message.purpose = SEED_KASLR;
        sha256(&message, sizeof(message), digest);
        memcpy(partition->kaslr_seed, digest, sizeof(partition->kaslr_seed));
    }
}
