"""What ecrfs resolves (whose keys, which region, which endpoint, or which error) against what botocore resolves.

    resolve.c       our side: the parts of a mount, asked once
    referee.py      botocore's side: one process that answers any number of questions
    portal.py       IAM Identity Center, for both sides; services.py has the servers that ecrfs asks
    case.py         an environment and its files; case by case in table.py, composed at random in generator.py
    roles.py        the same for roles; sts.py: who gives the credentials of roles, on both sides
    ini.py          the two AWS files as lines, for those who rewrite them
    profile.py      which of them are of the profile in use; endpoints.py: what botocore is too old to know of endpoints
    differences.py  where the two differ, and why: the table in docs/SEMANTICS.md
    compare.py      a case is the same on both sides, or listed differences explain it

A difference says how a question must be rewritten, or botocore's answer, for botocore to say what we say: so each one
is checked to be exactly that, alone and together with others.

RESOLVE names the program (default: in build/release), ECRFS_DIFFERENTIAL_CASES how many cases are composed.
"""
