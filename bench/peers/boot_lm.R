# R's boot with lm, as its documentation does it. It draws for itself: only R2 of the rows as they are can be compared.
#   OPENBLAS_NUM_THREADS=1 Rscript bench/peers/boot_lm.R FOLDER [seconds]
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "peer.R"))
library(boot)

set.seed(106)
r2_of <- function(names) {
  formula <- reformulate(names, "y")
  done <- boot(data[, c("y", names)], function(d, rows) summary(lm(formula, d[rows, ]))$r.squared, nrow(draws))
  c(done$t0, done$t)
}
run("boot_lm", paste0("R ", getRversion(), ", boot ", packageVersion("boot")), r2_of, own_draws = TRUE)
