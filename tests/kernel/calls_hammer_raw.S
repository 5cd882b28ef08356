/* SPDX-License-Identifier: MIT */
/* calls_hammer_raw.S - see calls_hammer_raw.h. */
#include "calls_hammer_raw.h"
#include "raw_asm.inc"

#define CALL_YIELD	  0
#define CALL_CALL	  3
#define CALL_ACCEPT	  4
#define CALL_REPLY	  5
#define CALL_REPLY_ACCEPT 6

	.text
	.balign	4096
FUNC hammer_page

FUNC hammer_caller
	mv	s0, a0
	ld	s1, PEER_SERIAL(s0)
	ld	s2, PEER_INDEX(s0)
.Lnext_call:
	lw	t0, PEER_STOP(s0)
	bnez	t0, .Lstop
	addi	s1, s1, 1
	sd	s1, PEER_SERIAL(s0)
	ld	t0, PEER_OTHERS(s0)
	remu	t0, s1, t0
	slli	t0, t0, 12
	ld	a0, PEER_HANDLES(s0)
	add	a0, a0, t0
	mv	a1, s1
	mv	a2, s2
	not	a3, s1
	mv	a4, s1
	mv	a5, s2
	not	a6, s1
	li	a7, CALL_CALL
	ecall
	bnez	a0, .Lrefused
	addi	t0, s1, 1
	bne	a1, t0, .Lwrong
	not	t0, s1
	bne	a2, t0, .Lwrong
	bne	a3, s2, .Lwrong
	li	t0, PEER_MARK
	bne	a4, t0, .Lwrong
	ld	t0, PEER_ANSWERED(s0)
	addi	t0, t0, 1
	sd	t0, PEER_ANSWERED(s0)
	j	.Lnext_call
.Lrefused:
	li	t0, PEER_ERR_DEAD
	beq	a0, t0, 1f
	li	t0, PEER_ERR_HANDLE
	beq	a0, t0, 1f
	li	t0, PEER_ERR_KIND		# the handle of one that is being made
	bne	a0, t0, .Lbad
1:	ld	t0, PEER_REFUSED(s0)
	addi	t0, t0, 1
	sd	t0, PEER_REFUSED(s0)
	li	a7, CALL_YIELD
	ecall
	j	.Lnext_call
.Lstop:
	li	t0, 1
	END_WITH t0
.Lwrong:
	li	a0, 1
.Lbad:
	sd	a0, PEER_BAD(s0)
	li	t0, 2
	END_WITH t0

/* s1: index + 1 of who is kept, or 0; s2: the serial of its call */
FUNC hammer_server
	mv	s0, a0
	li	s1, 0
.Laccept:
	li	a2, -1
	beqz	s1, 1f
	rdtime	a2
	ld	t0, PEER_WAIT(s0)
	add	a2, a2, t0
1:	li	a0, 0
	li	a1, 0
	li	a7, CALL_ACCEPT
	ecall
.Laccepted:
	blez	a0, .Lnobody
	andi	t0, a0, 0xff
	li	t1, 2				# PUDU_CALLER_CALL
	bne	t0, t1, .Lbad
	bne	a4, a1, .Lwrong
	bne	a5, a2, .Lwrong
	bne	a6, a3, .Lwrong
	andi	t0, a1, 7
	or	t0, t0, s1
	bnez	t0, .Lserve
	addi	s1, a2, 1
	mv	s2, a1
	j	.Laccept
.Lserve:
	mv	t0, a2
	addi	a1, a1, 1
	mv	a2, a3
	mv	a3, t0
	li	a4, PEER_MARK
	li	a0, 0
	bnez	s1, .Lreply_both
	li	a5, -1
	li	a6, 0
	li	a7, CALL_REPLY_ACCEPT
	ecall
	j	.Laccepted
.Lreply_both:
	li	a7, CALL_REPLY
	ecall
	beqz	a0, .Lanswer_kept
	li	t0, PEER_ERR_DEAD
	bne	a0, t0, .Lbad
.Lanswer_kept:
	beqz	s1, .Laccept
	ld	a0, PEER_HANDLES(s0)
	addi	a3, s1, -1
	slli	t0, a3, 12
	add	a0, a0, t0
	addi	a1, s2, 1
	not	a2, s2
	li	a4, PEER_MARK
	li	a7, CALL_REPLY
	ecall
	li	s1, 0
	bnez	a0, 1f
	ld	t0, PEER_ANSWERED(s0)
	addi	t0, t0, 1
	sd	t0, PEER_ANSWERED(s0)
	j	.Laccept
1:	li	t0, PEER_ERR_DEAD		# it has ended; and its handle may name another one
	beq	a0, t0, .Laccept
	li	t0, PEER_ERR_STATE
	beq	a0, t0, .Laccept
	li	t0, PEER_ERR_HANDLE
	beq	a0, t0, .Laccept
	li	t0, PEER_ERR_KIND
	beq	a0, t0, .Laccept
	j	.Lbad
.Lnobody:
	li	t0, PEER_ERR_DEADLINE
	beq	a0, t0, .Lanswer_kept
	li	t0, PEER_ERR_DEAD		# of reply_accept
	beq	a0, t0, .Laccept
	j	.Lbad

	.balign	4096

	.section .note.GNU-stack, "", @progbits
