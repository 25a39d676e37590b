# What the R peers share: the data of w1.py, the clock (CPU seconds of the one thread), the written answers.
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
time_limit <- if (length(arguments) > 1) as.numeric(arguments[2]) else 10
data <- read.csv(file.path(folder, "w1.csv"))
labels <- read.csv(file.path(folder, "combinations.csv"))$combination
draws <- as.matrix(read.csv(file.path(folder, "draws.csv"), header = FALSE)) + 1L

# r2_of(names): R2 of the rows as they are, then of every draw. own_draws: the draws are not those of draws.csv.
run <- function(name, version, r2_of, own_draws = FALSE) {
  clock <- function() sum(proc.time()[c("user.self", "sys.self")])
  start <- clock()
  r2 <- mean_r2 <- numeric()
  repeat {
    i <- length(r2) + 1
    all <- r2_of(strsplit(labels[i], " + ", fixed = TRUE)[[1]])
    r2[i] <- all[1]
    mean_r2[i] <- mean(all[-1])
    seconds <- clock() - start
    if (seconds > time_limit || i == length(labels)) break
  }
  text <- function(v) sprintf("%.17g", v)
  shared <- if (own_draws) rep("", length(r2)) else text(mean_r2)
  write.csv(data.frame(combination = labels[seq_along(r2)], r2 = text(r2), mean_r2 = shared),
            file.path(folder, paste0("peer_", name, ".csv")), row.names = FALSE, quote = FALSE)
  fits <- length(r2) * (nrow(draws) + 1)
  cat(sprintf("%s (%s): %s fits of %s combinations in %.2f CPU s, %s fits/s, mean R2 %.12f\n", name, version,
              format(fits, big.mark = ",", scientific = FALSE), format(length(r2), big.mark = ","), seconds,
              format(round(fits / seconds), big.mark = ","), mean(mean_r2)))
}
