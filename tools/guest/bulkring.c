/* SPDX-License-Identifier: BSD-2-Clause */
/* bulkring: messages between a Linux guest and other partitions, from user space and without a
 * kernel module: shared memory through /dev/mem, doorbells as lines of a virtual PL061.
 *
 * A ring is named by the shared memory that holds it, or by two, PRODUCER'S:CONSUMER'S: the first
 * has the messages, the last 64 bytes of the second the consumer's head. */
#include "peer.h"
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_BAD = 1, EXIT_USAGE = 2, WINDOW = RELAY_COUNT / 2 };

static uint64_t ticks(void)
{
    uint64_t value;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
    return value;
}

static uint64_t ticks_in_a_second(void)
{
    uint64_t value;

    __asm__("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}

static struct bh_ring_layout ring_find(const char *name)
{
    char first[32] = "";
    const char *second = strchr(name, ':');
    struct area produced, consumed;

    snprintf(first, sizeof(first), "%.*s", (int)(second ? second - name : 31), name);
    produced = area_open(first);
    consumed = second ? area_open(second + 1) : produced;
    return relay_layout(produced.memory, produced.size, consumed.memory, consumed.size);
}

static void show_area(const struct area *area)
{
    printf("memory %-16s %#llx, %llu KiB, %s\n", area->id, (unsigned long long)area->address,
           (unsigned long long)area->size >> 10, area->reader ? "read only" : "read and write");
}

static void show_bell(const struct bell *bell)
{
    printf("channel %u to %-16s rings by ", bell->number, bell->peer);
    if (bell->line < 0)
        puts("an interrupt");
    else
        printf("line %d of the PL061\n", bell->line);
}

static int list(void)
{
    area_each(show_area);
    bell_each(show_bell);
    return 0;
}

/* Until the peer rings or, in case that it is one that does not, for a second. */
static void sleep_on(struct bh_ring_side *side, struct bell *bell)
{
    if (bh_ring_wait(side))
        bell_wait(&bell, 1, 1000);
    bh_ring_awake(side);
}

static void say_of(int status, const struct bh_ring_side *side)
{
    if (status == BH_RING_NEW_PEER)
        fprintf(stderr, "bulkring: the peer has begun, generation %u\n", bh_ring_peer(side));
    else if (status == BH_RING_NONSENSE)
        fputs("bulkring: the peer's index cannot be\n", stderr);
}

/* Each line of the input as a message, cut or filled up with zeroes. */
static int send_lines(const char *peer, const char *name)
{
    struct bh_ring_layout layout = ring_find(name);
    struct bell bell = bell_open(peer);
    struct bh_ring_producer ring;
    char line[256];

    bell_listen(&bell);
    if (bh_ring_attach_producer(&ring, &layout) != BH_RING_OK)
        fail("%s: too small", name);
    while (fgets(line, sizeof(line), stdin)) {
        uint64_t message[RELAY_WORDS] = {0};
        int status;

        line[strcspn(line, "\n")] = 0;
        memcpy(message, line, strnlen(line, RELAY_MESSAGE - 1));
        while ((status = bh_ring_put(&ring, message)) != BH_RING_OK) {
            say_of(status, &ring.side);
            sleep_on(&ring.side, &bell);
        }
        if (bh_ring_must_ring(&ring.side))
            bell_ring(&bell);
    }
    return 0;
}

/* Prints messages as lines, so many or for ever. */
static int receive_lines(const char *peer, const char *name, uint64_t count)
{
    struct bh_ring_layout layout = ring_find(name);
    struct bell bell = bell_open(peer);
    struct bh_ring_consumer ring;
    uint64_t message[RELAY_WORDS];

    bell_listen(&bell);
    if (bh_ring_attach_consumer(&ring, &layout) != BH_RING_OK)
        fail("%s: too small", name);
    for (uint64_t i = 0; !count || i < count;) {
        int status = bh_ring_take(&ring, message);

        if (bh_ring_must_ring(&ring.side))
            bell_ring(&bell);
        if (status == BH_RING_OK) {
            printf("%.*s\n", RELAY_MESSAGE, (const char *)message);
            fflush(stdout);
            i++;
        } else {
            say_of(status, &ring.side);
            sleep_on(&ring.side, &bell);
        }
    }
    return 0;
}

static int report(const struct relay *relay, const struct bell *in, const struct bell *out,
                  uint64_t time)
{
    double us = 1e6 / (double)ticks_in_a_second();

    printf("bulkring: %llu sent, %llu received, %llu lost, %llu torn, %llu odd\n",
           (unsigned long long)relay->sent, (unsigned long long)relay->received,
           (unsigned long long)relay->lost, (unsigned long long)relay->torn,
           (unsigned long long)relay->odd);
    printf("bulkring: peers began %llu and %llu times; %llu doorbells rung, %llu heard\n",
           (unsigned long long)relay->new_in, (unsigned long long)relay->new_out,
           (unsigned long long)(in->rung + out->rung),
           (unsigned long long)(in->heard + out->heard));
    printf("bulkring: %.3f s, %.2f us a message\n", (double)time * us / 1e6,
           (double)time * us / (double)(relay->sent ? relay->sent : 1));
    if (relay->count)
        printf("bulkring: round trip %.2f us at least, %.2f us on average\n",
               (double)relay->shortest * us,
               (double)relay->sum * us / (double)(relay->received ? relay->received : 1));
    return relay->lost || relay->torn ? EXIT_BAD : 0;
}

/* In a circle: passes on, or is the source of so many messages. */
static int circle(char **argument, uint64_t count, uint64_t window)
{
    struct bell in_bell = bell_open(argument[0]), out_bell = bell_open(argument[2]);
    struct bell *bells[] = {&in_bell, &out_bell};
    struct bh_ring_layout in = ring_find(argument[1]), out = ring_find(argument[3]);
    struct relay relay;
    uint64_t start = ticks();
    unsigned todo;

    bell_listen(&in_bell);
    if (strcmp(argument[0], argument[2]) != 0)
        bell_listen(&out_bell);
    if (relay_begin(&relay, &in, &out, count, window) != BH_RING_OK)
        fail("%s or %s is too small", argument[1], argument[3]);
    do {
        todo = relay_step(&relay, ticks());
        if (todo & RELAY_RING_IN)
            bell_ring(&in_bell);
        if (todo & RELAY_RING_OUT)
            bell_ring(&out_bell);
        if (todo & RELAY_SLEEP) {
            bell_wait(bells, 2, -1);
            relay_awake(&relay);
        }
        if (relay.received == 0)
            start = ticks();
    } while (!(todo & RELAY_OVER));
    return report(&relay, &in_bell, &out_bell, ticks() - start);
}

static int usage(void)
{
    fputs(
        "usage: bulkring list                       what there is in common with other partitions\n"
        "       bulkring send PEER RING             each line of the input is a message\n"
        "       bulkring receive PEER RING [COUNT]  prints messages\n"
        "       bulkring relay PEER RING PEER RING  passes on from the first ring to the second\n"
        "       bulkring source PEER RING PEER RING COUNT [WINDOW]\n"
        "                                           sends to the second, checks what comes back\n"
        "PEER: the partition at a ring's other end. RING: a shared memory, or two as A:B, with "
        "the\n"
        "messages in A and the consumer's head in B.\n",
        stderr);
    return EXIT_USAGE;
}

int main(int count, char **argument)
{
    const char *verb = count > 1 ? argument[1] : "list";

    if (strcmp(verb, "list") == 0 && count <= 2)
        return list();
    if (strcmp(verb, "send") == 0 && count == 4)
        return send_lines(argument[2], argument[3]);
    if (strcmp(verb, "receive") == 0 && (count == 4 || count == 5))
        return receive_lines(argument[2], argument[3],
                             count == 5 ? strtoull(argument[4], NULL, 0) : 0);
    if (strcmp(verb, "relay") == 0 && count == 6)
        return circle(argument + 2, 0, 0);
    if (strcmp(verb, "source") == 0 && (count == 7 || count == 8))
        return circle(argument + 2, strtoull(argument[6], NULL, 0),
                      count == 8 ? strtoull(argument[7], NULL, 0) : WINDOW);
    return usage();
}
