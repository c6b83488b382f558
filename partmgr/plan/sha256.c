/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256, by the equations of FIPS 180-4, sections 4.1.2 to 6.2.2. */
#include "sha256.h"
#include <string.h>

enum { BLOCK = 64, LENGTH = 8 /* bytes of the message's length, at the end of the last block */ };

static const uint32_t first_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, uint32_t by)
{
    return word >> by | word << (32 - by);
}

static void sha256_schedule(const uint8_t block[BLOCK], uint32_t w[64])
{
    for (uint32_t t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (uint32_t t = 16; t < 64; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];

        w[t] = (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10) + w[t - 7] +
               (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 16];
    }
}

static void sha256_block(uint32_t state[8], const uint8_t block[BLOCK])
{
    uint32_t w[64], s[8];

    sha256_schedule(block, w);
    memcpy(s, state, sizeof(s));
    for (uint32_t t = 0; t < 64; t++) {
        uint32_t e = s[4], a = s[0];
        uint32_t one = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                       ((e & s[5]) ^ (~e & s[6])) + constants[t] + w[t];
        uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                       ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

        memmove(&s[1], &s[0], 7 * sizeof(s[0]));
        s[4] += one;
        s[0] = one + two;
    }
    for (uint32_t i = 0; i < 8; i++)
        state[i] += s[i];
}

void sha256(const void *message, size_t size, uint8_t digest[SHA256_SIZE])
{
    const uint8_t *at = message;
    const uint64_t bits = (uint64_t)size * 8;
    uint8_t last[BLOCK] = {0};
    uint32_t state[8];

    memcpy(state, first_state, sizeof(state));
    for (; size >= BLOCK; size -= BLOCK, at += BLOCK)
        sha256_block(state, at);
    if (size)
        memcpy(last, at, size);
    last[size] = 0x80;
    if (size >= BLOCK - LENGTH) {
        sha256_block(state, last);
        memset(last, 0, sizeof(last));
    }
    for (uint32_t i = 0; i < LENGTH; i++)
        last[BLOCK - 1 - i] = (uint8_t)(bits >> 8 * i);
    sha256_block(state, last);
    for (uint32_t i = 0; i < SHA256_SIZE; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}
