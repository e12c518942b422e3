/** One of so many schedules is made over ElectroDB and the AWS clients as well. */
export const comparedShare = 50;
